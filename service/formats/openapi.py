"""What the API document says of other bodies than JSON: their types, the headers and fields of the query that go with them."""

from collections.abc import Mapping
from typing import Any

from service.formats.arrow_messages import ARROW
from service.formats.compression import GZIP, IDENTITY, ZSTD
from service.formats.raw_floats import DTYPE, DTYPES, RAW, SHAPE

_BODY = "Models of rows and windows: JSON, bare floats or an Arrow stream. Models of images: PNG, JPEG, BMP or TIFF; the content decides which."
_FLOATS = (
    "Models of rows and windows: little-endian floats, sample by sample, NaN for an absent value, as the headers "
    f"`{SHAPE}` and `{DTYPE}` announce them. Models of images: an image."
)
_STREAM = (
    "Models of rows and windows: an Arrow IPC stream with a column of numbers for each feature, by name, of windows "
    "one of fixed-size lists; null for an absent value. A column `id` of strings or integers comes back in the results."
)
_RESULTS = (
    "Where `Accept` prefers it: an Arrow IPC stream with the columns `id`, `verdict`, `is_anomaly`, `score`, `p_value`, "
    "`severity` and `reason`; the schema's metadata holds the other fields of a JSON answer. No explanations."
)
_HEADERS = (
    {
        "name": SHAPE,
        "in": "header",
        "required": False,
        "description": f"Of a body of type {RAW}, for models of rows: samples, features; of windows: samples, steps, features.",
        "schema": {"type": "string", "examples": ["256,32", "256,64,8"]},
    },
    {
        "name": DTYPE,
        "in": "header",
        "required": False,
        "description": f"Of a body of type {RAW}, for models of rows and windows.",
        "schema": {"enum": [dtype.decode() for dtype in DTYPES]},
    },
)
_ENCODING = {
    "name": "Content-Encoding",
    "in": "header",
    "required": False,
    "description": "How the body is compressed, whatever its type.",
    "schema": {"enum": [IDENTITY.decode(), GZIP.decode(), ZSTD.decode()], "default": IDENTITY.decode()},
}


def with_formats(described: Mapping[str, Any]) -> dict[str, Any]:
    """Add to the description of a body of samples what it may be beside JSON and images."""
    body = described["requestBody"]
    content = {**body["content"], RAW: _binary(_FLOATS), ARROW: _binary(_STREAM)}
    parameters = [*described["parameters"], *_HEADERS, _ENCODING]
    return {**described, "requestBody": {**body, "description": _BODY, "content": content}, "parameters": parameters}


def with_arrow(answers: Mapping[int | str, dict[str, Any]]) -> dict[int | str, dict[str, Any]]:
    """Add to the description of a good answer that it may be an Arrow stream."""
    good = answers[200]
    return {**answers, 200: {**good, "content": {**good["content"], ARROW: _binary(_RESULTS)}}}


def _binary(description: str) -> dict[str, Any]:
    return {"schema": {"type": "string", "format": "binary", "description": description}}
