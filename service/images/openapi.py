"""What the API document says of images: the types of body that models of images take, and the fields of their query."""

from collections.abc import Mapping
from typing import Any

from service.images.body import FORM, TYPES

_BINARY = {"schema": {"type": "string", "format": "binary"}}
_FILES = {
    "schema": {
        "type": "object",
        "properties": {"images": {"type": "array", "items": {"type": "string", "format": "binary"}}},
        "description": "Each part is an image; its file name is its id, the part's own name says nothing.",
    }
}
_ID = {
    "name": "id",
    "in": "query",
    "required": False,
    "description": "Models of images: the id of the one image sent.",
    "schema": {"type": "string", "maxLength": 300},
}
_HEAT_MAP = (
    {
        "name": "explain",
        "in": "query",
        "required": False,
        "description": "Models of images: heatmap adds a heat map and its regions to each result. Models of rows and windows, "
        "where the body is not JSON: what `explain` is in JSON.",
        "schema": {"enum": ["heatmap", "false", "true", "full"]},
    },
    {
        "name": "format",
        "in": "query",
        "required": False,
        "description": "The heat maps' format: a picture over the image, or values.",
        "schema": {"enum": ["png", "array"], "default": "png"},
    },
)


_PURIFY = {
    "name": "purify",
    "in": "query",
    "required": False,
    "description": "Models of images: add the image as the clean process would have shown it; for one image. Models of rows and "
    "windows, where the body is not JSON: what `purify` is in JSON.",
    "schema": {"enum": ["true", "false"], "default": "false"},
}


def with_images(described: Mapping[str, Any], *, explained: bool = False, purified: bool = False) -> dict[str, Any]:
    """Add to the description of a JSON body that models of images take images instead."""
    body = described["requestBody"]
    content = {**body["content"], **{kind: _FILES if kind == FORM else _BINARY for kind in TYPES}}
    parameters = [_ID, *(_HEAT_MAP if explained else ()), *((_PURIFY,) if purified else ())]
    return {"requestBody": {**body, "content": content}, "parameters": parameters}
