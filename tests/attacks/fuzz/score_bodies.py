"""Bodies of score requests in JSON: the fast readers against the careful one, which decides what a body says."""

from collections.abc import Callable, Sequence

import numpy as np
import orjson
import pytest
from numpy.typing import NDArray

from service.errors import RequestError
from service.formats.json_request import read_json_request
from service.hot_path import plain
from service.limits import Limits
from service.registry.models import ServedModel
from service.sample_request import SCORE_FIELDS, SampleRequest, parse_request
from tests.attacks.fuzz.target import Target

LIMITS = Limits(samples=50, explained_values=200)
WORDS = (
    b'"samples"', b'"ids"', b'"explain"', b'"full"', b"true", b"false", b"null", b"[", b"]", b"{", b"}", b"[]", b"{}",
    b'"\\u0073amples":', b'"samples":[],', b'"a"', b'"\\ud800"', b"1", b"1.5", b"[1,2,3,4]", b",[8.1,121.5,45.2,11.1]",
)  # fmt: skip


def rows_target(model: ServedModel, rows: NDArray[np.float64]) -> Target:
    """Attack with bodies of rows [B, F], B at least 20."""
    return _target("json", model, [rows[0], *rows[1:3]], rows[:20].tolist())


def windows_target(model: ServedModel, windows: NDArray[np.float64]) -> Target:
    """Attack with bodies of windows [B, T, F], B at least 4."""
    return _target("json-windows", model, [*windows[:2]], windows[:4].tolist())


def _target(name: str, model: ServedModel, few: Sequence[NDArray[np.float64]], many: list[object]) -> Target:
    dump = orjson.dumps
    named = dict(zip(model.spec.names, few[0].T.tolist(), strict=True)) if model.steps is None else many[0]
    corpus = (
        dump({"samples": [few[0].tolist()]}),
        dump({"samples": [one.tolist() for one in few]}),
        dump({"samples": many}),
        dump({"samples": many, "ids": [*range(len(many))]}),
        dump({"ids": ["a", 7], "samples": many[:2], "explain": True}),
        dump({"samples": [named]}),
        dump({"samples": many[:1], "explain": "full"}, option=orjson.OPT_INDENT_2),
    )
    return Target(name, corpus, WORDS, _compared(model))


def _compared(model: ServedModel) -> Callable[[bytes], object]:
    spec, steps = model.spec, model.steps

    def read(body: bytes) -> SampleRequest:
        try:
            careful = parse_request(body, spec, LIMITS, SCORE_FIELDS, steps)
        except RequestError as error:
            _check_refused(body, error, model)
            raise
        fast = read_json_request(body, spec, LIMITS, SCORE_FIELDS, steps)
        assert _meaning(fast) == _meaning(careful)
        found = plain.read_plain(body, len(spec), LIMITS.samples, steps)
        if found is not None:
            assert (found.rows, found.values) == (len(careful.x), careful.x.tobytes())
            assert found.ids is None or [*found.ids] == [*careful.ids]
            assert found.ids is not None or not any(name is not None for name in careful.ids)
            assert not careful.unreadable
            assert not careful.explain
        return careful

    return read


def _check_refused(body: bytes, refusal: RequestError, model: ServedModel) -> None:
    assert plain.read_plain(body, len(model.spec), LIMITS.samples, model.steps) is None
    with pytest.raises(type(refusal)) as found:
        read_json_request(body, model.spec, LIMITS, SCORE_FIELDS, model.steps)
    assert str(found.value) == str(refusal)


def _meaning(request: SampleRequest) -> tuple[object, ...]:
    # to the last bit, the sign of zero included; what NaN looks like inside says nothing
    values = np.where(np.isnan(request.x), np.nan, request.x).tobytes()
    return values, request.x.shape, request.unreadable, [*request.ids], request.explain
