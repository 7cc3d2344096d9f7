"""Requests for streams are let in and given up as all others are, and what is given up changes nothing."""

import pytest
from fastapi.testclient import TestClient

from tests.service.apps import error_of

ROWS = {"rows": [[8.0, 120.0, 45.0, 11.0]]}
TOO_SHORT = {"X-Request-Timeout": "1e-9"}
TOO_LATE = (504, "deadline_exceeded")


def test_rows_that_come_too_late_begin_no_stream(client: TestClient) -> None:
    assert error_of(client.post("/streams/late/rows", json=ROWS, headers=TOO_SHORT)) == TOO_LATE
    assert client.get("/streams/late").status_code == 404


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("DELETE", "/streams/kept", None),
        ("POST", "/streams/kept/acknowledge", None),
        ("POST", "/streams/kept/shelve", {"minutes": 5, "reason": "cleaning"}),
        ("POST", "/streams/kept/unshelve", None),
        ("GET", "/streams/kept", None),
        ("GET", "/streams", None),
    ],
)
def test_what_is_asked_too_late_changes_nothing(client: TestClient, method: str, path: str, body: object) -> None:
    assert client.post("/streams/kept/rows", json=ROWS).status_code == 200
    before = client.get("/streams/kept").json()
    assert error_of(client.request(method, path, json=body, headers=TOO_SHORT)) == TOO_LATE
    assert client.get("/streams/kept").json() == before


def test_a_deadline_that_says_nothing_is_refused(client: TestClient) -> None:
    answer = client.post("/streams/odd/rows", json=ROWS, headers={"X-Request-Timeout": "soon"})
    assert error_of(answer) == (400, "unreadable_header")
