"""What the API document says beyond what the code's types do: request bodies, examples and errors."""

from collections.abc import Mapping
from typing import Any

from service.answers import EncodeAnswer, ErrorAnswer, RebuiltImagesAnswer, ReconstructAnswer, ScoreAnswer
from service.error_answer import STATUS
from service.errors import (
    NoDefaultModelError,
    NoEarlierVersionError,
    NoLatentError,
    NoShadowError,
    NoStreamsError,
    NotAcceptableError,
    NotComparableError,
    RequestError,
    StateUnavailableError,
    StreamsUnavailableError,
    UnknownModelError,
    UnknownStreamError,
    UnknownVersionError,
    VersionRefusedError,
)
from service.formats.openapi import with_arrow, with_formats
from service.images.openapi import with_images

Responses = dict[int | str, dict[str, Any]]
Json = Mapping[str, Any]

VERSION = "1.0"
TITLE = "Plumbline"
DESCRIPTION = """Scores samples by how badly a variational autoencoder, trained on clean data, rebuilds them.

A score above the model's threshold is an anomaly; the threshold was set so that at most `target_fpr` of clean samples
raise an alarm. A sample that cannot be judged is `invalid`, with the reason, and never `normal`.

Where the service has keys, every request brings one of the scope named beside it, probes perhaps apart; `admin` stands for all.

A body may be compressed, once, with `Content-Encoding: gzip`, `deflate` or `zstd`.

A request that is scored, or concerns a stream, may say in `X-Request-Timeout` for how many seconds it is waited for; when they pass before its turn, nothing is done and the answer is 504.

Every answer carries the header `X-Request-ID`: the one sent, if it is 1 to 128 of `A-Z a-z 0-9 . _ -`, else a new one."""

SAMPLES: Json = {
    "description": "Either arrays of values in feature order, or objects of values by feature name; never both. Where a model "
    "judges windows: arrays of steps, oldest first, each in feature order, or objects with an array of values for each name. "
    "A value that is no number makes its own sample invalid, not the request; so does null, an absent value, unless the "
    "model allows for some (then its name may be left out, too).",
    "type": "array",
    "minItems": 1,
    "anyOf": [
        {"items": {"type": "array", "items": {}}},
        {"items": {"type": "object", "additionalProperties": {}}},
    ],
}
IDS: Json = {
    "description": "One for each sample, repeated in its result.",
    "anyOf": [{"type": "array", "items": {"anyOf": [{"type": "string"}, {"type": "integer"}]}}, {"type": "null"}],
}
EXPLAIN: Json = {
    "description": 'Say how much each feature adds to each score; with "full", what each sensor should have read as well.',
    "anyOf": [{"type": "boolean"}, {"const": "full"}],
    "default": False,
}

PURIFY: Json = {
    "description": "Say as well what the clean process would have shown, and what was removed for it.",
    "type": "boolean",
    "default": False,
}

ORDERED: Json = {"samples": [[8.0, 120.0, 45.0, 11.0], [8.1, 121.5, 44.2, 16.3]]}
NAMED: Json = {
    "samples": [{"pressure": 8.0, "flow": 120.0, "temperature": 45.0, "current": 11.0}],
    "ids": ["line 3, 12:00:05"],
}
DIGEST = "2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae"
ANSWERED: Json = {"request_id": "f3b1c2", "model": "pump", "version": 1, "digest": DIGEST}

# The document's writer leaves nulls out, so no example has any.
SCORE_EXAMPLE: Json = {
    **ANSWERED,
    "threshold": 26.17,
    "results": [
        {"id": 1, "verdict": "normal", "is_anomaly": False, "score": 3.2, "p_value": 0.41, "severity": 0.11},
        {
            "id": 2,
            "verdict": "anomaly",
            "is_anomaly": True,
            "score": 61.4,
            "p_value": 0.002,
            "severity": 0.7,
            "contributions": [
                {"feature": "current", "share": 0.83, "observed": 16.3, "expected": 11.2},
                {"feature": "flow", "share": 0.17, "observed": 121.5, "expected": 122.9},
            ],
            "in_full": {
                "readings": [
                    {"feature": "current", "observed": 16.3, "imputed": 11.0, "interval": [10.6, 11.4], "fall": 58.9},
                    {"feature": "flow", "observed": 121.5, "imputed": 134.0, "interval": [132.1, 135.9], "fall": 12.3},
                ],
                "interval_coverage": 0.95,
                "put_right": [{"feature": "current", "observed": 16.3, "imputed": 11.0}],
                "score_put_right": 2.5,
                "nearest": [{"place": "clean.csv row 1843", "distance": 0.12, "sample": [8.0, 121.0, 44.1, 10.9]}],
            },
        },
    ],
}
RECONSTRUCT_EXAMPLE: Json = {
    **ANSWERED,
    "features": ["pressure", "flow", "temperature", "current"],
    "results": [
        {
            "id": "a",
            "reconstruction": [8.02, 123.4, 44.9, 11.1],
            "purified": {
                "sample": [8.0, 120.0, 45.0, 11.0],
                "removed": [0.0, 10.0, 0.0, 0.0],
                "put_right": ["flow"],
                "method": "put_right",
            },
        }
    ],
}
ENCODE_EXAMPLE: Json = {**ANSWERED, "results": [{"id": "a", "mean": [0.4, -1.2], "log_variance": [-3.1, -2.8]}]}
ERROR_EXAMPLE: Json = {
    "error": {
        "code": "wrong_structure",
        "message": "1 of 2 samples do not fit the model's features; sample 1: expected an array of 4 values in the "
        "order 'pressure', 'flow', 'temperature', 'current', found 3 values",
        "details": {
            "bad_samples": 1,
            "samples": [
                {
                    "sample": 1,
                    "expected": "an array of 4 values in the order 'pressure', 'flow', 'temperature', 'current'",
                    "found": "3 values",
                }
            ],
        },
    }
}


OTHERWISE = {
    "model": ErrorAnswer,
    "description": "Any other error, in the same form; `internal_error` (500) carries the request id to find its log by.",
}


def body_of(properties: Json, examples: Json) -> dict[str, Any]:
    """Describe a JSON body that a route reads by itself."""
    schema = {"type": "object", "required": ["samples"], "properties": properties, "additionalProperties": False}
    content = {"application/json": {"schema": schema, "examples": {name: {"value": v} for name, v in examples.items()}}}
    return {"requestBody": {"required": True, "content": content}}


SCORE_BODY = with_formats(
    with_images(
        body_of(
            {"samples": SAMPLES, "ids": IDS, "explain": EXPLAIN},
            {
                "in feature order": ORDERED,
                "by name, with ids": NAMED,
                "explained": {**ORDERED, "explain": True},
                "in full": {**ORDERED, "explain": "full"},
            },
        ),
        explained=True,
    )
)
RECONSTRUCT_BODY = with_formats(
    with_images(
        body_of(
            {"samples": SAMPLES, "ids": IDS, "purify": PURIFY},
            {"in feature order": ORDERED, "by name, with ids": NAMED, "purified": {**ORDERED, "purify": True}},
        ),
        purified=True,
    )
)
SAMPLES_BODY = with_formats(
    with_images(body_of({"samples": SAMPLES, "ids": IDS}, {"in feature order": ORDERED, "by name, with ids": NAMED}))
)


def answers(model: Any, example: Json) -> Responses:
    """Describe a good answer."""
    return {200: {"model": model, "content": {"application/json": {"example": example}}}}


def refers_to(model: str, description: str) -> dict[str, Any]:
    """Describe an answer of a form that the same route has as ``model`` elsewhere.

    The framework builds a validator for every model of every answer: named once a route, they take a tenth of the time.
    """
    content = {"application/json": {"schema": {"$ref": f"#/components/schemas/{model}"}}}
    return {"description": description, "content": content}


def errors(*classes: type[RequestError]) -> Responses:
    """Describe the errors of a route, besides our own faults."""
    codes: dict[int, list[str]] = {}
    for status, code in (STATUS[error] for error in classes):
        codes.setdefault(status, []).append(code)
    described: Responses = {
        status: refers_to("ErrorAnswer", f"`{'`, `'.join(names)}`") for status, names in sorted(codes.items())
    }
    if 422 in described:
        described[422]["content"]["application/json"]["example"] = ERROR_EXAMPLE
    return {**described, "default": OTHERWISE}


_OF_STREAMS = (UnknownStreamError, NoStreamsError, StreamsUnavailableError)
_OF_VERSIONS = (
    UnknownVersionError,
    VersionRefusedError,
    NoEarlierVersionError,
    NotComparableError,
    NoShadowError,
    StateUnavailableError,
)
OF_SAMPLES = [error for error in STATUS if error not in (*_OF_STREAMS, *_OF_VERSIONS, NotAcceptableError)]
OF_DEFAULT = errors(*(error for error in OF_SAMPLES if error not in (UnknownModelError, NoLatentError)))
OF_NAMED = errors(*(error for error in OF_SAMPLES if error not in (NoDefaultModelError, NoLatentError)))
ENCODE_OF_DEFAULT = errors(*(error for error in OF_SAMPLES if error is not UnknownModelError))
ENCODE_OF_NAMED = errors(*(error for error in OF_SAMPLES if error is not NoDefaultModelError))
SCORED = {**with_arrow(answers(ScoreAnswer, SCORE_EXAMPLE)), 406: errors(NotAcceptableError)[406]}
RECONSTRUCTED = answers(ReconstructAnswer | RebuiltImagesAnswer, RECONSTRUCT_EXAMPLE)
ENCODED = answers(EncodeAnswer, ENCODE_EXAMPLE)
