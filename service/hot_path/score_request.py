"""Requests for verdicts in Plumbline's own form: JSON or bare floats in, JSON out."""

from collections.abc import Sequence
from functools import partial

from service.formats.headers import Headers
from service.formats.raw_floats import RAW, check_floats
from service.formats.request import read_request
from service.hot_path.exchange import Asked
from service.hot_path.line import ALL_READABLE, Batch, Samples
from service.hot_path.plain import read_plain
from service.hot_path.results import answer_of
from service.limits import Limits
from service.registry.models import ServedModel
from service.request_body import JSON
from service.sample_request import INLINE_BYTES, may_explain

_CONTENT_TYPE = b"content-type: " + JSON.encode() + b"\r\n"


def read_score(body: bytes, kind: str, headers: Headers, model: ServedModel, limits: Limits) -> Asked | None:
    """Read a body of media type ``kind``, JSON or bare floats; None where it asks for more than verdicts, or takes long to read.

    Raises:
        RequestError: the subclass says what is wrong with it.
    """
    if kind == RAW:
        dtype, shape = check_floats(body, headers, model.spec, limits, model.steps)
        return Samples(body, shape[0], ALL_READABLE, dtype), partial(_write, None)
    plain = read_plain(body, len(model.spec), limits.samples, model.steps)
    if plain is not None:
        return Samples(plain.values, plain.rows), partial(_write, plain.ids)
    if may_explain(body) or len(body) > INLINE_BYTES:
        return None
    request = read_request(body, headers, b"", model, limits)
    return Samples.of(request.x, request.unreadable), partial(_write, request.ids)


def _write(
    ids: Sequence[str | int | None] | None, request_id: str, batch: Batch, start: int, stop: int
) -> tuple[bytes, bytes]:
    return _CONTENT_TYPE, answer_of(batch.model, request_id, batch.results.written(start, stop, ids))
