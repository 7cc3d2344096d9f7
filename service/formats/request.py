"""Bodies of any type as requests for samples. What type it is, the headers say."""

from collections.abc import Sequence

from service.errors import UnsupportedTypeError
from service.formats.arrow_messages import ARROW
from service.formats.headers import Headers, header
from service.formats.json_request import read_json_request
from service.formats.query import read_query
from service.formats.raw_floats import RAW, read_floats
from service.limits import Limits
from service.registry.models import ServedModel
from service.request_body import JSON, media_type
from service.sample_request import INLINE_BYTES, SCORE_FIELDS, SampleRequest, read_explain, read_purify
from service.sample_request import may_explain as json_may_explain
from service.sample_request import may_take_long as json_may_take_long
from service.wording import shown

TYPES = (JSON, RAW, ARROW)
IN_BODY = frozenset(("samples", "ids"))


def body_type(headers: Headers) -> str:
    """Say of which of ``TYPES`` a body is.

    Raises:
        UnsupportedTypeError: of none of them.
    """
    # Absent is accepted: many a controller's HTTP client sends none.
    declared = header(headers, b"content-type")
    if declared is None:
        return JSON
    kind = media_type(declared.decode("latin-1"))
    if kind not in TYPES:
        raise UnsupportedTypeError(
            f"the body must be {JSON}, {RAW} or {ARROW}, found {shown(declared.decode('latin-1'))}"
        )
    return kind


def reads_at_once(kind: str, body: bytes) -> bool:
    """Say whether a body is read faster than a thread can be woken: a short one, in anything but Arrow."""
    return kind != ARROW and len(body) <= INLINE_BYTES


def may_explain(kind: str, body: bytes, query: bytes) -> bool:
    """Tell, without reading it, whether a request may ask to explain."""
    return json_may_explain(body) if kind == JSON else bool(query)


def may_take_long(kind: str, body: bytes, query: bytes) -> bool:
    """Tell, without reading it, whether a request may ask to explain in full or to purify; an escape could spell the words."""
    return json_may_take_long(body) if kind == JSON else any(word in query for word in (b"full", b"purify", b"%"))


def read_request(
    body: bytes,
    headers: Headers,
    query: bytes,
    model: ServedModel,
    limits: Limits,
    fields: frozenset[str] = SCORE_FIELDS,
) -> SampleRequest:
    """Read a request for a model of rows or of windows from a body that is not compressed, or not any more.

    ``fields`` are the names that a JSON body may use; what of them does not come with the samples is in the ``query`` of others.

    Raises:
        RequestError: the subclass says what is wrong with it.
    """
    kind = body_type(headers)
    spec, steps = model.spec, model.steps
    if kind == JSON:
        return read_json_request(body, spec, limits, fields, steps)
    asked = read_query(query, fields - IN_BODY)
    if kind == RAW:
        x = read_floats(body, headers, spec, limits, steps)
        ids: Sequence[str | int] | Sequence[None] = [None] * len(x)
    else:
        # Its library takes long to load, and most services never need it.
        from service.formats.arrow_rows import read_arrow

        found = read_arrow(body, spec, limits, steps)
        x, ids = found.x, found.ids
    explain = read_explain(asked, len(x), x[0].size, limits)
    return SampleRequest(x, {}, ids, explain, read_purify(asked, len(x), x[0].size, limits))
