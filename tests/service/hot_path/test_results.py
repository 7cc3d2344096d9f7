"""Results written from pieces are what results written as objects are."""

import math
from types import MappingProxyType

import numpy as np
import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from model.scorer import INVALID, VERDICTS, Scores
from service.hot_path.results import Results
from service.scoring import results_of

NUMBERS = st.floats(allow_nan=False, allow_infinity=False) | st.just(math.nan)
IDS = st.text(max_size=12) | st.integers(-(2**63), 2**64 - 1) | st.sampled_from(['",\n  "', "null", "ü\u2028", "},{"])


Ids = list[str | int] | list[None]


@st.composite
def scored(draw: st.DrawFn) -> tuple[Ids, Scores]:
    count = draw(st.integers(1, 30))

    def numbers() -> NDArray[np.float64]:
        return np.array(draw(st.lists(NUMBERS, min_size=count, max_size=count)))

    verdicts = draw(st.lists(st.integers(0, len(VERDICTS) - 1), min_size=count, max_size=count))
    reasons = {row: draw(st.text(max_size=20)) for row, verdict in enumerate(verdicts) if verdict == INVALID}
    scores = Scores(numbers(), numbers(), numbers(), np.array(verdicts, np.int8), MappingProxyType(reasons))
    named = draw(st.booleans())
    return (draw(st.lists(IDS, min_size=count, max_size=count)) if named else [None] * count), scores


def written(ids: Ids, scores: Scores, start: int, stop: int) -> bytes:
    named = None if ids[0] is None else ids[start:stop]
    return b"[" + Results(scores).written(start, stop, named) + b"]"


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(scored(), st.data())
def test_results_are_those_written_as_objects(scored: tuple[Ids, Scores], data: st.DataObject) -> None:
    ids, scores = scored
    start = data.draw(st.integers(0, len(ids) - 1))
    stop = data.draw(st.integers(start + 1, len(ids)))
    assert written(ids, scores, start, stop) == orjson.dumps(results_of(ids, scores)[start:stop])


@pytest.mark.parametrize("count", [1, 2, 1000])
def test_the_last_sample_may_be_invalid(count: int) -> None:
    numbers = np.linspace(0, 1, count)
    verdict = np.zeros(count, np.int8)
    numbers[-1], verdict[-1] = np.nan, INVALID
    reason = 'not_a_number: "x"'
    scores = Scores(numbers, numbers, numbers, verdict, MappingProxyType({count - 1: reason}))
    found = orjson.loads(written([None] * count, scores, 0, count))
    assert [found[-1]["reason"], found[-1]["score"]] == [reason, None]
    assert len(found) == count


def test_some_samples_may_have_no_id_where_others_have_one() -> None:
    ids = ["a", None, 3]
    numbers = np.zeros(3)
    scores = Scores(numbers, numbers, numbers, np.zeros(3, np.int8), {})
    found = orjson.loads(b"[" + Results(scores).written(0, 3, ids) + b"]")
    assert [result["id"] for result in found] == ids
