import time
from collections.abc import Iterator

import pytest

from model.errors import InputError
from service.tracing.destination import BY_ENVIRONMENT
from service.tracing.parent import TraceParent
from service.tracing.traces import Traces
from tests.service.tracing.receiver import Receiver, receiving

LINE = {"route": "/score", "status": 200, "duration_ms": 12.5, "request_id": "a", "method": "POST"}
SCORED = {**LINE, "model": "pump", "version": 3, "samples": 2, "verdicts": {"normal": 2}}
PARENT = TraceParent("4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7", 1)
ERROR = 2  # STATUS_CODE_ERROR of the protocol


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as receiver:
        yield receiver


def test_a_span_says_what_was_asked_and_how_it_ended(receiver: Receiver) -> None:
    traces = Traces(f"{receiver.url}/v1/traces", "1.2.3")
    ended = time.time_ns()
    trace_id = traces.add(SCORED, ended, None)
    traces.close()
    (received,) = receiver.spans
    assert receiver.paths == ["/v1/traces"]
    assert (received.span.name, received.span.kind) == ("POST /score", 2)
    assert (received.span.start_time_unix_nano, received.span.end_time_unix_nano) == (ended - 12_500_000, ended)
    assert received.span.trace_id.hex() == trace_id
    assert received.span.parent_span_id == b""
    assert received.span.status.code == 0
    assert received.attributes == {
        "http.request.method": "POST",
        "http.route": "/score",
        "http.response.status_code": 200,
        "plumbline.request_id": "a",
        "plumbline.model": "pump",
        "plumbline.version": 3,
        "plumbline.samples": 2,
    }
    assert (received.process["service.name"], received.process["service.version"]) == ("plumbline", "1.2.3")


def test_a_span_hangs_below_the_one_that_called(receiver: Receiver) -> None:
    traces = Traces(f"{receiver.url}/v1/traces", "1")
    assert traces.add(LINE, time.time_ns(), PARENT) == PARENT.trace_id
    traces.close()
    (received,) = receiver.spans
    assert (received.span.trace_id.hex(), received.span.parent_span_id.hex()) == PARENT[:2]


def test_what_the_caller_does_not_record_is_not_recorded_here(receiver: Receiver) -> None:
    traces = Traces(f"{receiver.url}/v1/traces", "1")
    assert traces.add(LINE, time.time_ns(), PARENT._replace(flags=0)) == PARENT.trace_id
    traces.close()
    assert receiver.spans == []


def test_faults_of_ours_are_errors_and_those_of_clients_are_not(receiver: Receiver) -> None:
    traces = Traces(f"{receiver.url}/v1/traces", "1")
    traces.add({**LINE, "status": 422, "error": "wrong_structure"}, time.time_ns(), None)
    traces.add({**LINE, "status": 503, "error": "overloaded"}, time.time_ns(), None)
    traces.add({**LINE, "status": 500}, time.time_ns(), None)
    traces.close()
    found = [(one.span.status.code, one.attributes.get("error.type")) for one in receiver.spans]
    assert found == [(0, None), (ERROR, "overloaded"), (ERROR, "500")]
    assert receiver.spans[0].attributes["plumbline.error"] == "wrong_structure"


def test_a_path_of_a_client_s_making_names_no_span(receiver: Receiver) -> None:
    traces = Traces(f"{receiver.url}/v1/traces", "1")
    traces.add({**LINE, "route": "other", "status": 404}, time.time_ns(), None)
    traces.close()
    (received,) = receiver.spans
    assert received.span.name == "POST"
    assert "http.route" not in received.attributes


def test_the_standard_variables_hold(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", receiver.url)
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_HEADERS", "x-tenant=line-3")
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_COMPRESSION", "gzip")
    monkeypatch.setenv("OTEL_SERVICE_NAME", "press-shop")
    traces = Traces(BY_ENVIRONMENT, "1")
    traces.add(LINE, time.time_ns(), None)
    traces.close()
    assert receiver.spans[0].process["service.name"] == "press-shop"
    assert receiver.headers[0]["x-tenant"] == "line-3"


def test_a_standard_variable_that_cannot_be_used_is_told_of(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTEL_BSP_MAX_QUEUE_SIZE", "-1")
    with pytest.raises(InputError, match=r"^traces cannot be sent as the OTEL_\* variables say: "):
        Traces(BY_ENVIRONMENT, "1")


def test_a_receiver_that_is_down_holds_the_end_up_for_seconds_at_most(unused_url: str) -> None:
    traces = Traces(unused_url, "1")
    traces.add(LINE, time.time_ns(), None)
    started = time.monotonic()
    traces.close()
    assert time.monotonic() - started < 5


@pytest.fixture
def unused_url() -> str:
    with receiving() as receiver:
        return f"{receiver.url}/v1/traces"
