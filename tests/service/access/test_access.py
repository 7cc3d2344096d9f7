from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry

from service.access.access import Access, Protected
from service.access.admitted import ANYBODY
from service.access.keys_file import RateLimit
from service.access.rate import Rate
from service.access.scope import Scope
from service.access.watched_keys import WatchedKeys
from service.errors import AccessError, ForbiddenError, RateLimitedError, UnauthenticatedError
from service.metrics import REFUSALS, Metrics
from tests.service.access.keys import add_key

Headers = list[tuple[bytes, bytes]]
SCORE, READ, ADMIN = ("POST", "/score"), ("GET", "/models"), ("DELETE", "/streams/line-3")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "keys.json"


@pytest.fixture
def metrics() -> Metrics:
    return Metrics(CollectorRegistry())


def guarded(path: Path, metrics: Metrics, protected: Protected | None = None) -> Access:
    return Access(metrics, WatchedKeys(path, None, metrics), protected)


def bringing(key: str) -> Headers:
    return [(b"host", b"x"), (b"authorization", b"Bearer " + key.encode()), (b"accept", b"*/*")]


def test_without_keys_everybody_may_do_everything(metrics: Metrics) -> None:
    access = Access(metrics)
    assert {access.admit(*asked, [], None) for asked in (SCORE, READ, ADMIN)} == {ANYBODY}


@pytest.mark.parametrize(
    ("scopes", "admitted"),
    [
        ((Scope.SCORE,), {SCORE}),
        ((Scope.READ,), {READ}),
        ((Scope.SCORE, Scope.READ), {SCORE, READ}),
        ((Scope.ADMIN,), {SCORE, READ, ADMIN}),
    ],
)
def test_a_key_is_for_its_scopes(
    path: Path, metrics: Metrics, scopes: tuple[Scope, ...], admitted: set[tuple[str, str]]
) -> None:
    key = add_key(path, "line-3", scopes)
    access = guarded(path, metrics)
    for asked in (SCORE, READ, ADMIN):
        if asked in admitted:
            assert access.admit(*asked, bringing(key), None).name == "line-3"
        else:
            with pytest.raises(
                ForbiddenError, match=r"takes a key with the scope '\w+' here, this one has '"
            ) as raised:
                access.admit(*asked, bringing(key), None)
            assert raised.value.key == "line-3"


@pytest.mark.parametrize(
    "form", [b"Bearer %b", b"bearer %b", b"BEARER   %b ", b"Bearer %b\t"], ids=["usual", "lower", "spaces", "tab"]
)
def test_a_key_is_taken_as_bearer_however_it_is_spelt(path: Path, metrics: Metrics, form: bytes) -> None:
    key = add_key(path)
    assert guarded(path, metrics).admit(*SCORE, [(b"authorization", form % key.encode())], None).name == "line-3"


def test_a_key_is_taken_in_a_header_of_its_own_whatever_else_authorises(path: Path, metrics: Metrics) -> None:
    headers = [(b"authorization", b"Basic dTpw"), (b"x-api-key", add_key(path).encode())]
    assert guarded(path, metrics).admit(*SCORE, headers, None).name == "line-3"


@pytest.mark.parametrize(
    ("headers", "reason"),
    [
        ([], "no_key"),
        ([(b"authorization", b"")], "no_key"),
        ([(b"authorization", b"Bearer ")], "no_key"),
        ([(b"authorization", b"Basic dTpw")], "no_key"),
        ([(b"x-api-key", b"")], "no_key"),
        ([(b"cookie", b"x-api-key=1")], "no_key"),
        ([(b"x-api-key", b"wrong")], "unknown_key"),
        ([(b"authorization", b"Bearer \xff\xfe")], "unknown_key"),
        ([(b"x-api-key", b"x" * 60_000)], "unknown_key"),
        ([(b"x-api-key", b"a"), (b"x-api-key", b"b")], "several_keys"),
        ([(b"authorization", b"Bearer a"), (b"x-api-key", b"a")], "several_keys"),
    ],
)
def test_who_brings_no_key_of_ours_is_not_let_in_and_counted(
    path: Path, metrics: Metrics, headers: Headers, reason: str
) -> None:
    add_key(path)
    access = guarded(path, metrics)
    for asked in (SCORE, READ, ADMIN, ("GET", "/no-such-path"), ("OPTIONS", "/score"), ("GET", "/metrics")):
        with pytest.raises(UnauthenticatedError):
            access.admit(*asked, headers, "10.0.0.1")
    assert f'plumbline_requests_refused_total{{reason="{reason}"}} 6.0'.encode() in metrics.exposition()


def test_an_empty_file_of_keys_lets_nobody_in(path: Path, metrics: Metrics) -> None:
    path.touch(0o600)
    path.write_text('{"format_version": 1, "keys": []}')
    with pytest.raises(UnauthenticatedError):
        guarded(path, metrics).admit(*READ, bringing("x"), None)


def test_a_key_ends_when_its_time_has_come(path: Path, metrics: Metrics, monkeypatch: pytest.MonkeyPatch) -> None:
    end = datetime.now(UTC) + timedelta(hours=1)
    key = add_key(path, not_after=end)
    access = guarded(path, metrics)
    assert access.admit(*SCORE, bringing(key), None).name == "line-3"
    monkeypatch.setattr("service.access.access.time", end.timestamp)
    with pytest.raises(UnauthenticatedError, match=r"^the key has expired$") as raised:
        access.admit(*SCORE, bringing(key), None)
    assert (raised.value.key, raised.value.reason) == ("line-3", "expired_key")


def test_probes_need_no_key_unless_they_are_told_to(path: Path, metrics: Metrics) -> None:
    key = add_key(path, "line-3", (Scope.READ,))
    probes = [("GET", "/health/live"), ("HEAD", "/health/ready"), ("GET", "/v2/health/ready")]
    for probe in probes:
        assert guarded(path, metrics).admit(*probe, [], None) is ANYBODY
        with pytest.raises(UnauthenticatedError):
            guarded(path, metrics, Protected(health=True)).admit(*probe, [], None)
        assert guarded(path, metrics, Protected(health=True)).admit(*probe, bringing(key), None).name == "line-3"


def test_metrics_need_a_key_unless_they_are_opened(path: Path, metrics: Metrics) -> None:
    key = add_key(path, "prometheus", (Scope.READ,))
    asked = ("GET", "/metrics")
    with pytest.raises(UnauthenticatedError):
        guarded(path, metrics).admit(*asked, [], None)
    assert guarded(path, metrics).admit(*asked, bringing(key), None).name == "prometheus"
    assert guarded(path, metrics, Protected(metrics=False)).admit(*asked, [], None) is ANYBODY


def test_a_key_used_too_often_has_to_wait(path: Path, metrics: Metrics) -> None:
    key = add_key(path, rate_limit=RateLimit(requests_per_second=0.25, burst=2))
    access = guarded(path, metrics)
    for _ in range(2):
        access.admit(*SCORE, bringing(key), None)
    with pytest.raises(RateLimitedError, match=r"this key .* try again in 4 s$") as raised:
        access.admit(*SCORE, bringing(key), None)
    assert raised.value.retry_after_seconds == 4
    assert raised.value.details == {"retry_after_seconds": 4}
    assert b'refused_total{reason="rate_limited"} 1.0' in metrics.exposition()


def test_samples_count_towards_a_limit_of_their_own(path: Path, metrics: Metrics) -> None:
    key = add_key(path, rate_limit=RateLimit(samples_per_second=10))
    access = guarded(path, metrics)
    access.spend(access.admit(*SCORE, bringing(key), None), 300)
    with pytest.raises(RateLimitedError):
        access.admit(*SCORE, bringing(key), None)


def test_without_keys_a_rate_is_that_of_each_address(metrics: Metrics) -> None:
    access = Access(metrics, rate=Rate(0.1, 1))
    one, other = "10.0.0.1", "10.0.0.2"
    access.admit(*SCORE, [], one)
    access.admit(*SCORE, [], other)
    for _ in range(20):
        access.admit("GET", "/health/ready", [], one)
        access.admit("GET", "/metrics", [], one)
    with pytest.raises(RateLimitedError, match=r"^more than one address may send"):
        access.admit(*SCORE, [], one)


@pytest.mark.parametrize(
    ("one", "other", "are_alike"),
    [
        ("2001:db8::1", "2001:db8::2", True),
        ("2001:db8::1", "2001:db8:0:1::1", False),
        ("fe80::1%eth0", "fe80::2%eth0", True),
        ("::ffff:10.0.0.1", "10.0.0.1", True),
        ("::ffff:10.0.0.1", "::ffff:10.0.0.2", False),
    ],
)
def test_addresses_of_one_network_of_the_new_kind_are_one_client(
    metrics: Metrics, one: str, other: str, *, are_alike: bool
) -> None:
    access = Access(metrics, rate=Rate(0.1, 1))
    access.admit(*SCORE, [], one)
    if are_alike:
        with pytest.raises(RateLimitedError):
            access.admit(*SCORE, [], other)
    else:
        access.admit(*SCORE, [], other)


def test_every_reason_to_refuse_has_a_series_from_the_start(metrics: Metrics) -> None:
    text = metrics.exposition().decode()
    assert all(f'plumbline_requests_refused_total{{reason="{reason}"}} 0.0' in text for reason in REFUSALS)


def test_nothing_that_is_said_holds_a_part_of_a_key(path: Path, metrics: Metrics) -> None:
    key = add_key(path, scopes=(Scope.READ,))
    said = []
    for headers in (bringing(key), bringing(key + "x"), [*bringing(key), *bringing(key)]):
        with pytest.raises(AccessError) as raised:
            guarded(path, metrics).admit(*SCORE, headers, None)
        said.append(f"{raised.value!r} {raised.value.details}")
    assert not any(key[10:20] in text for text in said)
