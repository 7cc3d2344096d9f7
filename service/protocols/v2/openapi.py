"""What the API document says of the Open Inference Protocol, beyond what the code's types do."""

from typing import Any

from service.error_answer import STATUS
from service.errors import NoDefaultModelError, NoLatentError, NotReadyError, RequestError, UnknownModelError
from service.openapi import DIGEST, OF_SAMPLES, Json, Responses, answers, refers_to
from service.protocols.error_forms import InferenceError
from service.protocols.v2.answers import InferAnswer
from service.protocols.v2.binary import HEADER, SIZE
from service.protocols.v2.infer import MOST_ID
from service.protocols.v2.outputs import OUTPUTS
from service.protocols.v2.samples import X
from service.protocols.v2.tensors import MOST_DIMENSIONS, NUMERIC

PARAMETERS: Json = {"type": ["object", "null"], "description": "What means nothing to this service is passed over."}
INPUT: Json = {
    "type": "object",
    "required": ["name", "shape", "datatype"],
    "properties": {
        "name": {"type": "string", "description": f"`{X}` for all values of all samples, or the name of a feature."},
        "shape": {
            "type": "array",
            "items": {"type": "integer", "minimum": 0},
            "minItems": 1,
            "maxItems": MOST_DIMENSIONS,
            "description": f"`{X}`: [samples, features], of windows [samples, steps, features], of images [samples, "
            "height, width, channels]; of a feature: [samples] or [samples, 1], of windows [samples, steps].",
        },
        "datatype": {"enum": [*NUMERIC], "description": "Of images UINT8 or UINT16, as the model takes them."},
        "parameters": {**PARAMETERS, "properties": {SIZE: {"type": ["integer", "null"], "minimum": 0}}},
        "data": {"type": "array", "items": {}, "description": "Nested as the shape has it, or flat."},
    },
}
OUTPUT: Json = {
    "type": "object",
    "required": ["name"],
    "properties": {
        "name": {"enum": [*OUTPUTS]},
        "parameters": {**PARAMETERS, "properties": {"binary_data": {"type": "boolean"}}},
    },
}
REQUEST: Json = {
    "type": "object",
    "required": ["inputs"],
    "additionalProperties": False,
    "properties": {
        "id": {"type": ["string", "null"], "maxLength": MOST_ID, "description": "Repeated in the answer."},
        "parameters": {**PARAMETERS, "properties": {"binary_data_output": {"type": "boolean"}}},
        "inputs": {"type": "array", "minItems": 1, "items": INPUT},
        "outputs": {"type": ["array", "null"], "items": OUTPUT, "description": "All of them where none is named."},
    },
}
WHOLE: Json = {
    "id": "press 7",
    "inputs": [{"name": X, "datatype": "FP64", "shape": [1, 4], "data": [8.0, 120.0, 45.0, 11.0]}],
}
BY_FEATURE: Json = {
    "inputs": [
        {"name": name, "datatype": "FP64", "shape": [1], "data": [value]}
        for name, value in (("pressure", 8.0), ("flow", 120.0), ("temperature", 45.0), ("current", 11.0))
    ],
    "outputs": [{"name": "verdict"}, {"name": "score"}],
}
INFER_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": REQUEST,
                "examples": {"one tensor": {"value": WHOLE}, "a tensor for each feature": {"value": BY_FEATURE}},
            },
            "application/octet-stream": {
                "schema": {"type": "string", "format": "binary"},
            },
        },
        "description": f"JSON; where some tensors are binary data, `{HEADER}` says how many bytes the JSON has, and the "
        f"tensors with a `{SIZE}` follow it in their order.",
    },
    "parameters": [
        {
            "name": HEADER,
            "in": "header",
            "required": False,
            "description": "The bytes of JSON, where binary data follows it.",
            "schema": {"type": "integer", "minimum": 0},
        }
    ],
}
INDEX_BODY: dict[str, Any] = {
    "requestBody": {
        "required": False,
        "content": {
            "application/json": {
                "schema": {
                    "type": "object",
                    "properties": {
                        "ready": {"type": "boolean", "default": False, "description": "Only what is served."}
                    },
                },
                "examples": {"what is served": {"value": {"ready": True}}},
            }
        },
    }
}
INFERRED: Responses = answers(
    InferAnswer,
    {
        "model_name": "pump",
        "model_version": "1",
        "id": "press 7",
        "parameters": {"version": 1, "digest": DIGEST, "threshold": 26.17},
        "outputs": [
            {"name": "verdict", "datatype": "BYTES", "shape": [1], "data": ["normal"]},
            {"name": "score", "datatype": "FP64", "shape": [1], "data": [3.2]},
        ],
    },
)
INFERRED[200]["content"]["application/octet-stream"] = {"schema": {"type": "string", "format": "binary"}}
OF_MODELS = (UnknownModelError, NotReadyError)
OF_INFERENCE = [error for error in OF_SAMPLES if error not in (NoDefaultModelError, NoLatentError)]


def inference_errors(*classes: type[RequestError]) -> Responses:
    """Describe the errors of a route, in the protocol's own form."""
    statuses = sorted({STATUS[error][0] for error in classes})
    described: Responses = {status: refers_to("InferenceError", "What is wrong.") for status in statuses}
    return {**described, "default": {"model": InferenceError, "description": "Any other error, in the same form."}}
