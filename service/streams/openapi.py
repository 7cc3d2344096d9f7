"""What the API document says of streams, beyond what the code's types do."""

from typing import Any

from service.error_answer import STATUS
from service.errors import (
    BodyTimeoutError,
    BodyTooLargeError,
    NoDefaultModelError,
    NoLatentError,
    NotAcceptableError,
    TooManySamplesError,
    UnknownModelError,
    UnreadableBodyError,
    UnsupportedTypeError,
)
from service.openapi import ANSWERED, IDS, SAMPLES, Json, Responses, answers, errors
from service.streams.answers import RowsAnswer
from service.streams.request import MOST_MINUTES, MOST_REASON

ALARM_EXAMPLE: Json = {
    "state": "shelved",
    "since": "2026-03-02T06:14:09.120+00:00",
    "is_active": True,
    "shelved_until": "2026-03-02T06:44:09.120+00:00",
    "shelved_reason": "flow meter is being changed",
    "is_unjudged": False,
}
ROWS_EXAMPLE: Json = {
    **ANSWERED,
    "stream": "line-3",
    "threshold": 26.17,
    "results": [
        {
            "id": 1,
            "verdict": "anomaly",
            "is_anomaly": True,
            "score": 61.4,
            "p_value": 0.002,
            "severity": 0.7,
        }
    ],
    "alarm": ALARM_EXAMPLE,
}
TIMES: Json = {
    "description": "One for each row: seconds, or ISO 8601, in UTC where it names no offset. All requests of a stream "
    "have times, or none.",
    "anyOf": [{"type": "array", "items": {"anyOf": [{"type": "number"}, {"type": "string"}]}}, {"type": "null"}],
}
ROWS: Json = {**SAMPLES, "description": "The next rows of the stream, oldest first. " + SAMPLES["description"]}
ROWS_BODY = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {
                    "type": "object",
                    "required": ["rows"],
                    "additionalProperties": False,
                    "properties": {"rows": ROWS, "times": TIMES, "ids": IDS},
                },
                "examples": {
                    "with times": {"value": {"rows": [[8.0, 120.0, 45.0, 11.0]], "times": ["2026-03-02T06:14:09Z"]}}
                },
            }
        },
    }
}
SHELVE_BODY = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {
                    "type": "object",
                    "required": ["minutes", "reason"],
                    "additionalProperties": False,
                    "properties": {
                        "minutes": {"type": "number", "exclusiveMinimum": 0, "maximum": MOST_MINUTES},
                        "reason": {"type": "string", "minLength": 1, "maxLength": MOST_REASON},
                    },
                },
                "examples": {"for half an hour": {"value": {"minutes": 30, "reason": "flow meter is being changed"}}},
            }
        },
    }
}
OF_BODIES = {UnreadableBodyError, BodyTimeoutError, BodyTooLargeError, TooManySamplesError, UnsupportedTypeError}
NAME_PARAMETER: Json = {"name": "name", "in": "path", "required": True, "schema": {"type": "string"}}
ROWS_JUDGED = answers(RowsAnswer, ROWS_EXAMPLE)
DELETED: Responses = {204: {"description": "The stream is forgotten."}}


def errors_of(*, is_named: bool, has_body: bool) -> Responses:
    """Describe the errors of a route of streams."""
    never = {NoLatentError, NotAcceptableError, NoDefaultModelError if is_named else UnknownModelError}
    return errors(*(error for error in STATUS if error not in never and (has_body or error not in OF_BODIES)))


def of_named(extra: Json, *, is_named: bool) -> dict[str, Any]:
    """Add the model's name in the path to what is said of a route."""
    return {**extra, "parameters": [NAME_PARAMETER]} if is_named else dict(extra)
