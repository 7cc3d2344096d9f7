"""What the API document says of versions, beyond what the code's types do."""

from typing import Any

from service.errors import (
    BodyTimeoutError,
    BodyTooLargeError,
    NoEarlierVersionError,
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

VERSION_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {
                    "type": "object",
                    "required": ["version"],
                    "additionalProperties": False,
                    "properties": {"version": {"type": "integer", "minimum": 1}},
                },
                "examples": {"a version": {"value": {"version": 1}}},
            }
        },
    }
}
_BODY = (BodyTimeoutError, BodyTooLargeError, StructureError, UnreadableBodyError, UnsupportedTypeError)
OF_LIST = errors(UnknownModelError, NotReadyError)
OF_UNPIN = errors(UnknownModelError, StateUnavailableError, NotReadyError)
OF_PIN = errors(
    UnknownModelError, UnknownVersionError, VersionRefusedError, StateUnavailableError, NotReadyError, *_BODY
)
OF_ROLLBACK = errors(UnknownModelError, NoEarlierVersionError, StateUnavailableError, NotReadyError)
