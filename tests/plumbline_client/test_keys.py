"""The client and a service that asks for keys."""

from collections.abc import Iterator

import pytest

from plumbline_client import NotAllowedError, PlumblineClient, RateLimitedError
from service.access.keys_file import RateLimit
from tests.service.access.keys import add_key
from tests.service.bundles import GOLDEN_MODELS
from tests.service.programs import Serving, serving

ROW = [8.1, 121.5, 45.2, 11.1]


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    file = tmp_path_factory.mktemp("keys") / "keys.json"
    return {
        "file": str(file),
        "scoring": add_key(file, "line-3"),
        "slow": add_key(file, "line-4", rate_limit=RateLimit(requests_per_second=2, burst=1)),
    }


@pytest.fixture(scope="module")
def service(keys: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    with serving(GOLDEN_MODELS, tmp_path_factory.mktemp("service") / "log", PLUMBLINE_KEYS=keys["file"]) as running:
        yield running


def test_a_key_opens_what_it_is_for(service: Serving, keys: dict[str, str]) -> None:
    with PlumblineClient(service.url, api_key=keys["scoring"]) as client:
        assert client.score([ROW]).results[0].verdict == "normal"
        with pytest.raises(NotAllowedError) as forbidden:
            client.models()
    assert (forbidden.value.status, forbidden.value.details) == (403, {"needed": "read"})


@pytest.mark.parametrize("key", [None, "plumbline_nobodys"])
def test_without_a_key_that_is_known_nothing_is_answered(service: Serving, key: str | None) -> None:
    with PlumblineClient(service.url, api_key=key) as client, pytest.raises(NotAllowedError) as refused:
        client.score([ROW])
    assert refused.value.status == 401
    assert key is None or key not in str(refused.value)


def test_who_asks_too_often_waits_and_is_answered(service: Serving, keys: dict[str, str]) -> None:
    with PlumblineClient(service.url, api_key=keys["slow"]) as client:
        assert [client.score([ROW]).version for _ in range(3)] == [1, 1, 1]
    with PlumblineClient(service.url, api_key=keys["slow"], retries=0) as hasty:
        with pytest.raises(RateLimitedError) as over:
            [*hasty.score_many([ROW] * 3, batch=1)]
        assert over.value.retry_after is not None
