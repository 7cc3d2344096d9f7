"""What the API document says of Azure's protocol, beyond what the code's types do."""

from typing import Any

from service.error_answer import STATUS
from service.errors import NoDefaultModelError, NoLatentError, NoStreamsError, RequestError
from service.openapi import OF_SAMPLES, Json, Responses, answers, refers_to
from service.protocols.azure.answers import LastDetection
from service.protocols.azure.request import CONTRIBUTORS, MOST_CONTRIBUTORS
from service.protocols.error_forms import AzureError

VARIABLE: Json = {
    "type": "object",
    "required": ["variable", "timestamps", "values"],
    "additionalProperties": False,
    "properties": {
        "variable": {"type": "string", "description": "The name of a feature of the model."},
        "timestamps": {
            "type": "array",
            "minItems": 1,
            "items": {"type": "string"},
            "description": "ISO 8601, increasing, the same for all variables.",
        },
        "values": {"type": "array", "items": {}, "description": "One for each timestamp; null where there is none."},
    },
}
REQUEST: Json = {
    "type": "object",
    "required": ["variables"],
    "additionalProperties": False,
    "properties": {
        "variables": {"type": "array", "minItems": 1, "items": VARIABLE},
        "topContributorCount": {
            "type": ["integer", "null"],
            "minimum": 1,
            "maximum": MOST_CONTRIBUTORS,
            "default": CONTRIBUTORS,
            "description": "How many variables to name of an anomaly.",
        },
    },
}
EXAMPLE: Json = {
    "variables": [
        {"variable": name, "timestamps": ["2026-03-02T06:14:09Z"], "values": [value]}
        for name, value in (("pressure", 8.0), ("flow", 120.0), ("temperature", 45.0), ("current", 16.3))
    ],
    "topContributorCount": 2,
}
DETECT_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {"application/json": {"schema": REQUEST, "examples": {"of a pump": {"value": EXAMPLE}}}},
    }
}
DETECT_BODY_OF_VERSION: dict[str, Any] = {
    **DETECT_BODY,
    "parameters": [
        {
            "name": "api_version",
            "in": "path",
            "required": True,
            "description": "Whatever the client has, such as v1.1.",
            "schema": {"type": "string"},
        }
    ],
}
_STATE: Json = {
    "filledNARatio": 0.0,
    "effectiveCount": 1,
    "firstTimestamp": "2026-03-02T06:14:09Z",
    "lastTimestamp": "2026-03-02T06:14:09Z",
}
DETECTED: Responses = answers(
    LastDetection,
    {
        "variableStates": [{"variable": name, **_STATE} for name in ("pressure", "flow", "temperature", "current")],
        "results": [
            {
                "timestamp": "2026-03-02T06:14:09Z",
                "value": {
                    "isAnomaly": True,
                    "severity": 0.4,
                    "score": 0.7,
                    "interpretation": [
                        {
                            "variable": "current",
                            "contributionScore": 0.83,
                            "correlationChanges": {"changedVariables": []},
                        }
                    ],
                },
                "errors": [],
            }
        ],
    },
)
_CLASSES: list[type[RequestError]] = [
    NoStreamsError,
    *(error for error in OF_SAMPLES if error not in (NoDefaultModelError, NoLatentError)),
]
OF_DETECTION: Responses = {
    **{
        400 if status == 422 else status: refers_to("AzureError", "What is wrong.")
        for status in sorted({STATUS[error][0] for error in _CLASSES})
    },
    "default": {"model": AzureError, "description": "Any other error, in the same form."},
}
