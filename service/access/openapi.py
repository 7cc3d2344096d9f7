"""What the API document says of keys. Which scope a request takes is asked of what decides it."""

from typing import Any

from service.access.scope import HEALTH, METRICS, needed_scope
from service.errors import ForbiddenError, RateLimitedError, UnauthenticatedError
from service.openapi import errors

REFUSED = errors(UnauthenticatedError, ForbiddenError, RateLimitedError)
SCHEMES = {
    "bearer": {"type": "http", "scheme": "bearer", "description": "A key, where the service has any."},
    "header": {"type": "apiKey", "in": "header", "name": "X-API-Key", "description": "The same key."},
}


def with_keys(document: dict[str, Any]) -> dict[str, Any]:
    """Say of every operation of an API document which scope its key needs; {} stands for none."""
    document.setdefault("components", {})["securitySchemes"] = SCHEMES
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            scope = needed_scope(method.upper(), path)
            needed: list[dict[str, list[str]]] = [{scheme: [scope]} for scheme in SCHEMES]
            operation["security"] = [{}, *needed] if path == METRICS or path.startswith(HEALTH) else needed
    return document
