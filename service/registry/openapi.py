"""What the API document says of versions, beyond what the code's types do."""

from typing import Any

from service.errors import (
    BodyTimeoutError,
    BodyTooLargeError,
    NoEarlierVersionError,
    NotComparableError,
    NotReadyError,
    StateUnavailableError,
    StructureError,
    UnknownModelError,
    UnknownVersionError,
    UnreadableBodyError,
    UnsupportedTypeError,
    VersionRefusedError,
)
from service.openapi import errors


def _body(version: int) -> dict[str, Any]:
    schema = {
        "type": "object",
        "required": ["version"],
        "additionalProperties": False,
        "properties": {"version": {"type": "integer", "minimum": 1}},
    }
    content = {"schema": schema, "examples": {"a version": {"value": {"version": version}}}}
    return {"requestBody": {"required": True, "content": {"application/json": content}}}


PIN_BODY, SHADOW_BODY = _body(1), _body(2)
_BODY = (BodyTimeoutError, BodyTooLargeError, StructureError, UnreadableBodyError, UnsupportedTypeError)
OF_LIST = errors(UnknownModelError, NotReadyError)
OF_DECISION = errors(UnknownModelError, StateUnavailableError, NotReadyError)
OF_PIN = errors(
    UnknownModelError, UnknownVersionError, VersionRefusedError, StateUnavailableError, NotReadyError, *_BODY
)
OF_SHADOW = errors(
    UnknownModelError,
    UnknownVersionError,
    VersionRefusedError,
    NotComparableError,
    StateUnavailableError,
    NotReadyError,
    *_BODY,
)
OF_ROLLBACK = errors(UnknownModelError, NoEarlierVersionError, StateUnavailableError, NotReadyError)
