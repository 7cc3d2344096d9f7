"""Streams of a real service through the client."""

import pytest

from plumbline_client import (
    AlarmState,
    InvalidRequestError,
    NoAnswerError,
    NotFoundError,
    PlumblineClient,
    UnavailableError,
    Verdict,
)
from tests.plumbline_client.between import OVERLOADED, Scripted, answering

ROW, FAULT = [8.1, 121.5, 45.2, 11.1], [8.1, 139.5, 45.2, 11.1]
TIMES = ["2026-03-02T06:00:00Z", "2026-03-02T06:00:10Z"]


def test_rows_are_judged_as_they_come_and_an_alarm_is_led_through_them(client: PlumblineClient) -> None:
    stream = client.stream("line-3", "pump")
    answer = stream.judge([ROW, FAULT], times=TIMES, ids=["a", "b"])
    assert [(row.id, row.verdict, row.alarm) for row in answer.results] == [
        ("a", Verdict.NORMAL, None),
        ("b", Verdict.ANOMALY, AlarmState.UNACKNOWLEDGED),
    ]
    assert (answer.stream, answer.alarm.state) == ("line-3", "unacknowledged")
    again = stream.judge([ROW], times=TIMES[:1])
    assert again.results[0].reason is not None
    assert again.results[0].reason.startswith("out_of_order")
    assert stream.state().row_count == 3
    stream.forget()


def test_an_operator_acknowledges_and_shelves(client: PlumblineClient) -> None:
    stream = client.stream("line-4")
    stream.judge([FAULT])
    assert stream.acknowledge().state is AlarmState.ACKNOWLEDGED
    shelved = stream.shelve(30, "flow meter is being changed")
    assert (shelved.state, shelved.shelved_reason) == ("shelved", "flow meter is being changed")
    assert stream.unshelve().state is AlarmState.UNACKNOWLEDGED
    stream.forget()
    with pytest.raises(NotFoundError, match="unknown_stream"):
        stream.state()


def test_a_name_that_no_stream_may_have_is_told(client: PlumblineClient) -> None:
    with pytest.raises(InvalidRequestError):
        client.stream("../pump").judge([ROW])


def test_rows_that_may_have_come_are_not_sent_again() -> None:
    with answering(Scripted(None)) as script, PlumblineClient(script.url) as client:
        with pytest.raises(NoAnswerError) as broken:
            client.stream("line-3").judge([ROW])
        assert broken.value.was_sent
        assert len(script.asked) == 1


def test_rows_that_were_refused_or_never_left_are() -> None:
    with answering(Scripted.of(503, OVERLOADED)) as script, PlumblineClient(script.url, retries=1) as client:
        with pytest.raises(UnavailableError):
            client.stream("line-3").judge([ROW])
        assert len(script.asked) == 2
    with PlumblineClient("http://127.0.0.1:1", retries=1) as nowhere, pytest.raises(NoAnswerError) as unreached:
        nowhere.stream("line-3").judge([ROW])
    assert not unreached.value.was_sent
