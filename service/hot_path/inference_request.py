"""Requests of the Open Inference Protocol: tensors in, tensors out, as JSON or as binary data."""

from functools import partial

from service.formats.headers import Headers, header
from service.hot_path.exchange import Asked
from service.hot_path.line import Batch, Samples
from service.limits import Limits
from service.protocols.v2.binary import BINARY, HEADER
from service.protocols.v2.infer import InferRequest, read_infer, write_infer
from service.registry.models import ServedModel
from service.request_body import JSON
from service.sample_request import INLINE_BYTES

# Of JSON before binary data, which stays in memory as long as that waits.
HEAD_BYTES = 16 << 10

_HEADER = HEADER.lower().encode()
_JSON = b"content-type: " + JSON.encode() + b"\r\n"
_BINARY = b"content-type: " + BINARY.encode() + b"\r\n" + _HEADER + b": %d\r\n"


def read_inference(body: bytes, headers: Headers, model: ServedModel, limits: Limits) -> Asked | None:
    """Read a body; None where it takes long to read, or its answer to write, as much JSON does.

    Raises:
        RequestError: the subclass says what is wrong with it.
    """
    found = header(headers, _HEADER)
    json_bytes = None if found is None else found.decode("latin-1")
    is_long = len(body) > INLINE_BYTES
    has_long_text = is_long if json_bytes is None else not _is_short(json_bytes)
    if has_long_text:
        return None
    request = read_infer(body, json_bytes, model, limits)
    if is_long and request.asks_for_text:
        return None
    return Samples.of(request.samples.x, request.samples.unreadable), partial(_write, request)


def _is_short(json_bytes: str) -> bool:
    return json_bytes.isdecimal() and len(json_bytes) <= len(str(HEAD_BYTES)) and int(json_bytes) <= HEAD_BYTES


def _write(request: InferRequest, _: str, batch: Batch, start: int, stop: int) -> tuple[bytes, bytes]:
    answer = write_infer(request, batch.model, batch.part(start, stop))
    return _JSON if answer.json_bytes is None else _BINARY % answer.json_bytes, answer.body
