"""Rows that a stream of the golden model takes as normal and as anomalous, and how they are sent."""

from typing import Any

from fastapi.testclient import TestClient

GOOD, BAD = [8.1, 121.5, 45.2, 11.1], [8.1, 139.5, 45.2, 11.1]


def post(client: TestClient, rows: Any, stream: str = "line-3", **more: Any) -> Any:
    response = client.post(f"/streams/{stream}/rows", json={"rows": rows, **more})
    assert response.status_code == 200, response.text
    return response.json()
