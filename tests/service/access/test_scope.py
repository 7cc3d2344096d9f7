import asyncio

import pytest
from prometheus_client import CollectorRegistry

from service.access.scope import Scope, needed_scope
from service.app import create_app
from service.limits import Limits
from service.metrics import Metrics
from service.registry.models import Models


@pytest.mark.parametrize(
    "path",
    [
        "/score",
        "/models/pump/score",
        "/models/pump/reconstruct",
        "/encode",
        "/generate",
        "/streams/line-3/rows",
        "/models/pump/streams/line-3/shelve",
        "/v2/models/pump/infer",
        "/v2/models/pump/versions/3/infer",
        "/models/pump/lookout",
        "/multivariate/models/pump:detect-last",
        "/anomalydetector/v1.1/multivariate/models/pump:detect-last",
    ],
)
def test_having_samples_judged_takes_score(path: str) -> None:
    assert needed_scope("POST", path) is Scope.SCORE


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
@pytest.mark.parametrize("path", ["/models", "/models/pump", "/streams", "/docs", "/openapi.json", "/metrics", "/no"])
def test_looking_takes_read(method: str, path: str) -> None:
    assert needed_scope(method, path) is Scope.READ


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("DELETE", "/streams/line-3"),
        ("DELETE", "/models/pump/score"),
        ("PUT", "/score"),
        ("POST", "/models/pump/rollback"),
        ("POST", "/models/score/pin"),
        ("POST", "/models/pump/pin/score"),
        ("POST", "/models//score"),
        ("POST", "/score/"),
        ("POST", "/Score"),
        ("POST", ""),
        ("QUERY", "/models"),
    ],
)
def test_everything_else_takes_admin(method: str, path: str) -> None:
    assert needed_scope(method, path) is Scope.ADMIN


def test_what_looks_by_posting_takes_read() -> None:
    assert needed_scope("POST", "/v2/repository/index") is Scope.READ


def test_of_the_routes_that_change_something_only_these_take_admin() -> None:
    """A new route shows up here: have it scored with ``score``, or add it to what takes ``admin``."""
    paths = create_app(Models({}), Limits(), Metrics(CollectorRegistry()), asyncio.Event()).openapi()["paths"]
    taking_admin = {
        f"{method.upper()} {path}"
        for path, methods in paths.items()
        for method in methods
        if needed_scope(method.upper(), path) is Scope.ADMIN
    }
    assert taking_admin == {"DELETE /streams/{stream}", "DELETE /models/{name}/streams/{stream}"}
