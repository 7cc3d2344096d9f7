"""In which form a client would have its answer: JSON, unless it asks for Arrow."""

from service.formats.arrow_messages import ARROW
from service.formats.headers import Headers
from service.request_body import JSON

_ARROW, _JSON = ARROW.encode(), JSON.encode()


def wants_arrow(headers: Headers) -> bool:
    """Say whether ``Accept`` names Arrow streams, and nothing that covers JSON with more weight, or as much and before it.

    Whatever else it names is answered with JSON: clients often name what they would never get.
    """
    accept = b",".join(value for name, value in headers if name == b"accept").lower()
    if _ARROW not in accept:
        return False
    weights: dict[bytes, float] = {}
    for part in accept.split(b","):
        kind, *parameters = (piece.strip() for piece in part.split(b";"))
        weights.setdefault(kind, _weight(parameters))
    if _ARROW not in weights:
        return False
    arrow = weights[_ARROW]
    json = max((weights[kind] for kind in (_JSON, b"application/*", b"*/*") if kind in weights), default=0.0)
    json_first = _JSON in weights and [*weights].index(_JSON) < [*weights].index(_ARROW)
    return arrow > json or (arrow == json > 0 and not json_first)


def _weight(parameters: list[bytes]) -> float:
    for parameter in parameters:
        if parameter.startswith(b"q="):
            try:
                return min(1.0, max(0.0, float(parameter[2:])))
            except ValueError:
                return 0.0
    return 1.0
