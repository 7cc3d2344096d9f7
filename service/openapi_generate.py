"""What the API document says of generating samples, beyond what the code's types do."""

from model.generator import MAX_SEED
from service.answers import GenerateAnswer
from service.generate_request import STEPS
from service.openapi import ANSWERED, ORDERED, SAMPLES, Json, answers

GENERATE_EXAMPLE: Json = {
    **ANSWERED,
    "features": ["pressure", "flow", "temperature", "current"],
    "origin": "prior",
    "seed": 7,
    "samples": [[8.1, 121.9, 45.6, 11.3]],
    "latents": [[0.001, 0.299]],
    "outside_range": {"samples": 0, "features": {}},
}
GENERATE_BODY = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {
                    "oneOf": [
                        {
                            "title": "Draws",
                            "type": "object",
                            "required": ["n"],
                            "additionalProperties": False,
                            "properties": {
                                "n": {"description": "How many samples to draw.", "type": "integer", "minimum": 1},
                                "seed": {
                                    "description": "The same seed draws the same samples; one is chosen, and told, where none is given.",
                                    "type": "integer",
                                    "minimum": 0,
                                    "maximum": MAX_SEED,
                                },
                                "from": {
                                    "description": "The prior N(0, I), or the aggregated posterior of clean samples, where the model keeps it.",
                                    "enum": ["prior", "aggregated"],
                                    "default": "prior",
                                },
                            },
                        },
                        {
                            "title": "Path",
                            "type": "object",
                            "required": ["between"],
                            "additionalProperties": False,
                            "properties": {
                                "between": {**SAMPLES, "minItems": 2, "maxItems": 2},
                                "steps": {"type": "integer", "minimum": 2, "default": STEPS},
                            },
                        },
                    ]
                },
                "examples": {
                    "draws": {"value": {"n": 16, "seed": 7}},
                    "between two samples": {"value": {"between": ORDERED["samples"], "steps": 5}},
                },
            }
        },
    }
}

GENERATED = answers(GenerateAnswer, GENERATE_EXAMPLE)
