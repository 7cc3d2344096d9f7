"""Calls that come through: refused for now, cut off, or to a service that dies and comes back."""

import signal
import socket
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest

from plumbline_client import (
    NoAnswerError,
    PlumblineClient,
    PlumblineError,
    RateLimitedError,
    ScoreAnswer,
    ServerError,
    UnavailableError,
    UnreadableAnswerError,
)
from tests.plumbline_client.between import OVERLOADED, Script, Scripted, answering
from tests.samples import clean_rows
from tests.service.bundles import GOLDEN_MODELS, fail_golden_check, put_bundle
from tests.service.programs import serving

ROW = [8.1, 121.5, 45.2, 11.1]
READY = Scripted.of(200, {"default": "pump", "models": []})
BUSY = Scripted.of(503, OVERLOADED)


def asked_until_answered(*answers: Scripted, **options: float) -> Script:
    with answering(*answers) as script, PlumblineClient(script.url, **options) as client:  # type: ignore[arg-type]
        assert client.models().default == "pump"
    return script


def refused(*answers: Scripted, **options: float) -> tuple[PlumblineError, Script]:
    with (
        answering(*answers) as script,
        PlumblineClient(script.url, **options) as client,  # type: ignore[arg-type]
        pytest.raises(PlumblineError) as error,
    ):
        client.models()
    return error.value, script


@pytest.mark.parametrize(
    "first", [BUSY, Scripted.of(429, OVERLOADED), Scripted(None), Scripted(503, b"<h1>busy</h1>"), Scripted(502)]
)
def test_another_try_helps_where_the_service_is_busy_or_the_connection_breaks(first: Scripted) -> None:
    script = asked_until_answered(first, first, READY)
    assert len(script.asked) == 3
    assert len({request["x-request-id"] for request in script.asked}) == 1


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (Scripted.of(500, OVERLOADED), ServerError),
        (Scripted.of(502, OVERLOADED), ServerError),
        (Scripted.of(422, OVERLOADED), PlumblineError),
        (Scripted.of(504, OVERLOADED), PlumblineError),
        (Scripted(200, b"no JSON"), UnreadableAnswerError),
        (Scripted.of(200, {"default": 7, "models": []}), UnreadableAnswerError),
        (Scripted(301, headers={"Location": "https://elsewhere"}), UnreadableAnswerError),
        (Scripted(404, b"<html>nothing here</html>"), UnreadableAnswerError),
    ],
)
def test_what_another_try_would_not_change_is_told_at_once(answer: Scripted, kind: type[PlumblineError]) -> None:
    error, script = refused(answer, READY)
    assert isinstance(error, kind)
    assert len(script.asked) == 1


def test_so_many_tries_are_made_and_the_last_refusal_is_told() -> None:
    error, script = refused(BUSY, retries=2)
    assert isinstance(error, UnavailableError)
    assert (error.code, error.status) == ("overloaded", 503)
    assert len(script.asked) == 3
    assert len(refused(BUSY, retries=0)[1].asked) == 1


def test_the_service_is_left_alone_for_as_long_as_it_asks() -> None:
    script = asked_until_answered(Scripted.of(503, OVERLOADED, Retry_After="1"), READY)
    assert script.times[1] - script.times[0] >= 1


def test_and_until_the_date_it_names() -> None:
    date = datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=3)
    asked_until_answered(Scripted.of(503, OVERLOADED, Retry_After=format_datetime(date, usegmt=True)), READY)
    assert datetime.now(UTC) >= date


@pytest.mark.parametrize("nonsense", ["soon", "-5", "nan", "inf", ""])
def test_nonsense_in_its_place_is_passed_over(nonsense: str) -> None:
    assert len(asked_until_answered(Scripted.of(429, OVERLOADED, Retry_After=nonsense), READY).asked) == 2


def test_nobody_waits_for_what_would_come_too_late() -> None:
    start = time.monotonic()
    error, script = refused(Scripted.of(429, OVERLOADED, Retry_After="60"), timeout=5)
    assert isinstance(error, RateLimitedError)
    assert error.retry_after == 60
    assert (len(script.asked), time.monotonic() - start < 4) == (1, True)


def test_each_try_tells_how_much_time_is_left() -> None:
    script = asked_until_answered(BUSY, BUSY, READY, timeout=20)
    told = [float(request["x-request-timeout"]) for request in script.asked]
    assert 19 < told[0] <= 20
    assert told == sorted(told, reverse=True)
    assert told[0] - told[2] == pytest.approx(script.times[2] - script.times[0], abs=0.2)


def test_a_key_goes_along_and_proxies_of_the_environment_do_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    with answering(READY) as script, PlumblineClient(script.url, api_key="plk_secret") as client:
        client.models()
    assert script.asked[0]["authorization"] == "Bearer plk_secret"
    assert script.asked[0]["user-agent"].startswith("plumbline-client/")


def test_a_service_below_a_path_is_found_there() -> None:
    with answering(READY) as script, PlumblineClient(f"{script.url}/line-7/") as client:
        client.models()
    assert script.asked[0]["path"] == "/line-7/models"


def test_a_service_that_dies_and_comes_back_answers_a_call_that_waited(tmp_path: Path) -> None:
    port = str(free_port())
    with serving(GOLDEN_MODELS, tmp_path / "first", "--port", port) as service:
        client = PlumblineClient(service.url, retries=20, timeout=60)
        before = client.score([ROW])
        service.process.send_signal(signal.SIGKILL)
        service.wait()
        assert not client.ready()
        answers: list[ScoreAnswer] = []
        waiting = threading.Thread(target=lambda: answers.append(client.score([ROW])))
        waiting.start()
        time.sleep(1)
    with serving(GOLDEN_MODELS, tmp_path / "second", "--port", port):
        waiting.join()
        client.close()
    assert [answer.results for answer in answers] == [before.results]


def test_a_service_that_stops_takes_its_clients_connections_back(tmp_path: Path) -> None:
    """From SIGTERM on it says that it is not ready, goes on answering for a while, and closes each connection it answers."""
    with serving(GOLDEN_MODELS, tmp_path / "log", PLUMBLINE_DRAIN_NOTICE_SECONDS="2") as service:
        client = PlumblineClient(service.url, retries=1, timeout=10)
        assert client.ready()
        service.process.terminate()
        while client.ready():
            time.sleep(0.02)
        assert client.score([ROW]).results[0].verdict == "normal"
        service.wait()
    with pytest.raises(NoAnswerError) as gone:
        client.score([ROW])
    assert (gone.value.was_sent, gone.value.status) == (False, None)


def test_a_model_that_is_put_right_meanwhile_answers_a_call_that_waited(tmp_path: Path) -> None:
    models = tmp_path / "models"
    put_bundle(models, "pump")
    put_bundle(models, "valve", change=fail_golden_check)
    with (
        serving(models, tmp_path / "log", PLUMBLINE_WATCH_SECONDS="0.2") as service,
        PlumblineClient(service.url, timeout=40) as client,
    ):
        assert not client.ready()
        with pytest.raises(UnavailableError, match="not_ready") as unready:
            client.score([ROW], model="valve", timeout=5)
        assert unready.value.retry_after == 10
        putting_right = threading.Timer(1, put_bundle, (models, "valve", 2))
        putting_right.start()
        answer = client.score([ROW], model="valve")
        putting_right.join()
        assert (answer.version, client.ready()) == (2, True)


def test_a_service_that_is_full_answers_everyone_who_comes_again(tmp_path: Path) -> None:
    rows = clean_rows(4_000).tolist()
    with serving(GOLDEN_MODELS, tmp_path / "log", PLUMBLINE_MAX_QUEUE_REQUESTS="1") as service:
        told = together(12, lambda: ask(service.url, rows, retries=0))
        assert "overloaded" in told
        assert together(12, lambda: ask(service.url, rows, retries=30)) == ["4000"] * 12


def ask(url: str, rows: list[list[float]], retries: int) -> str:
    with PlumblineClient(url, retries=retries, timeout=60) as client:
        try:
            return str(len(client.score(rows).results))
        except PlumblineError as error:
            return error.code


def together(count: int, do: Callable[[], str]) -> list[str]:
    told: list[str] = []
    threads = [threading.Thread(target=lambda: told.append(do())) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return told


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port
