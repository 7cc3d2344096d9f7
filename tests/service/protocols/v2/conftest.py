"""Asking for inference without a client library."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from fastapi.testclient import TestClient
from httpx2 import Response

Ask = Callable[..., Response]


@pytest.fixture
def ask(client: TestClient) -> Ask:
    """Give what posts a body, and binary data behind it, to be inferred."""

    def post(body: Any, data: bytes | None = None, path: str = "/v2/models/pump/infer", **headers: str) -> Response:
        text = body if isinstance(body, bytes) else json.dumps(body).encode()
        if data is not None:
            headers.setdefault("Inference-Header-Content-Length", str(len(text)))
        return client.post(path, content=text + (data or b""), headers=headers)

    return post
