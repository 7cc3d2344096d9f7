"""What the API document says of lines of results, beyond what the code's types do."""

from typing import Any

from pydantic import TypeAdapter

from service.errors import NoDefaultModelError, NoLatentError, NoStreamsError
from service.openapi import OF_SAMPLES, Json, Responses, errors
from service.protocols.lookout.lines import JSON_LINES, ResultLine
from service.streams.openapi import ROWS, TIMES

LINES_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {
                    "type": "object",
                    "required": ["rows", "times"],
                    "additionalProperties": False,
                    "properties": {"rows": ROWS, "times": TIMES},
                },
                "examples": {
                    "of a pump": {"value": {"rows": [[8.0, 120.0, 45.0, 11.0]], "times": ["2026-03-02T06:14:09Z"]}}
                },
            },
            "text/csv": {
                "schema": {
                    "type": "string",
                    "description": "A header, then rows: a column `Timestamp` in ISO 8601, in UTC where it names no offset, "
                    "and one for each feature. Other columns are passed over.",
                }
            },
        },
    },
    "parameters": [
        {
            "name": "component",
            "in": "query",
            "required": False,
            "description": "What stands before the sensor's name in diagnostics; by default the model's name.",
            "schema": {"type": "string", "maxLength": 100},
        }
    ],
}
_LINE: Json = {
    "timestamp": "2026-03-02T06:14:09.000000",
    "prediction": 1,
    "prediction_reason": "ANOMALY_DETECTED",
    "anomaly_score": 0.7,
    "diagnostics": [{"name": "pump\\pressure", "value": 0.17}, {"name": "pump\\current", "value": 0.83}],
}
# The framework describes a model only where a whole answer is one.
_OF_LINE = TypeAdapter(ResultLine).json_schema()
_OF_LINE["properties"]["diagnostics"]["items"] = _OF_LINE.pop("$defs")["Diagnostic"]
LINES: Responses = {
    200: {
        "description": "A line of this form for each row, in order.",
        "content": {JSON_LINES: {"schema": _OF_LINE, "example": _LINE}},
    }
}
OF_LINES = errors(NoStreamsError, *(e for e in OF_SAMPLES if e not in (NoDefaultModelError, NoLatentError)))
