"""Streams kept: counted, forgotten in order, never mixed up, and safe in a file."""

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from model.alarm.rule import AlarmRule
from model.alarm.state import AlarmState, StreamAlarm
from model.errors import InputError
from model.series.row_window import RowWindow
from service.errors import StreamsUnavailableError, UnknownStreamError
from service.streams import database
from service.streams.counts import Dropped
from service.streams.store import StreamKey, StreamStore
from service.streams.stream import Stream

STREAM = Stream("digest", RowWindow(np.array([[1.5, np.pi], [np.nan, -0.0]]), 12.25), is_timed=True, row_count=7)
RULE = AlarmRule(k=1, n=1, clear_threshold=1.0)
RAISED = StreamAlarm().after_row(is_anomaly=True, is_quiet=False, rule=RULE, now=3.0)


def key(name: str) -> StreamKey:
    return StreamKey("pump", name)


def put(store: StreamStore, name: str, now: float, stream: Stream = STREAM) -> Dropped:
    return store.change(key(name), now, lambda _: (stream, None))[1]


def names(store: StreamStore, now: float) -> list[str]:
    return [kept.name for kept in store.latest("pump", 100, now)]


@pytest.mark.parametrize("in_file", [False, True])
def test_a_stream_comes_back_to_the_bit_with_its_alarm(tmp_path: Path, in_file: bool) -> None:
    store = StreamStore(tmp_path / "streams" if in_file else None)
    alarm = RAISED.shelved(1e9, "sensor on the bench: 'x'", 5.0)
    pending = replace(alarm, condition=replace(alarm.condition, active=False, recent=(1 << 999) + 5, held=3))
    for kept in (alarm, pending, replace(RAISED, invalid_rows=4), StreamAlarm()):
        put(store, "a", 10.0, replace(STREAM, alarm=kept))
        found = store.find(key("a"), 10.0).stream
        assert found.window.rows.tobytes() == STREAM.window.rows.tobytes()
        assert replace(found, window=STREAM.window) == replace(STREAM, alarm=kept)
    store.close()


def test_the_least_recently_used_stream_makes_room_for_a_new_one() -> None:
    store = StreamStore(most=3)
    assert [put(store, name, float(now)) for now, name in enumerate("abca")] == [Dropped()] * 4
    assert put(store, "d", 4.0) == Dropped(beyond_limit=1)
    assert names(store, 4.0) == ["d", "a", "c"]


def test_a_stream_that_is_not_used_is_forgotten_after_its_time() -> None:
    store = StreamStore(seconds=60.0)
    put(store, "a", 0.0)
    assert store.find(key("a"), 60.0).touched == 0.0
    with pytest.raises(UnknownStreamError, match="model 'pump' has no stream 'a'; its first rows begin it"):
        store.find(key("a"), 60.5)
    with pytest.raises(UnknownStreamError):
        store.delete(key("a"), 60.5)
    assert names(store, 60.5) == []
    assert put(store, "b", 60.5) == Dropped(too_old=1)
    assert store.change(key("a"), 61.0, lambda found: (STREAM, found))[0] is None


def test_streams_of_two_models_do_not_meet() -> None:
    store = StreamStore()
    put(store, "a", 0.0)
    with pytest.raises(UnknownStreamError):
        store.find(StreamKey("valve", "a"), 0.0)
    assert store.latest("valve", 10, 0.0) == []


def test_streams_are_counted_by_the_state_they_are_in_now() -> None:
    store = StreamStore()
    put(store, "quiet", 0.0)
    put(store, "raised", 0.0, replace(STREAM, alarm=RAISED))
    put(store, "shelved", 0.0, replace(STREAM, alarm=RAISED.shelved(100.0, "x", 1.0)))
    put(store, "blind", 0.0, replace(STREAM, alarm=StreamAlarm(invalid_rows=10)))
    counts = store.count("pump", 10, 50.0)
    assert (counts.by_state[AlarmState.NORMAL], counts.unjudged) == (2, 1)
    assert (counts.by_state[AlarmState.UNACKNOWLEDGED], counts.by_state[AlarmState.SHELVED]) == (1, 1)
    # What is on the shelf too long is annunciated, whether or not a row comes.
    later = store.count("pump", 11, 100.0)
    assert (later.by_state[AlarmState.UNACKNOWLEDGED], later.by_state[AlarmState.SHELVED], later.unjudged) == (2, 0, 0)


@pytest.mark.parametrize("in_file", [False, True])
def test_changes_of_one_stream_follow_each_other_from_many_threads_and_processes_worth_of_connections(
    tmp_path: Path, in_file: bool
) -> None:
    path = tmp_path / "streams" if in_file else None
    stores = [StreamStore(path) for _ in range(3 if in_file else 1)]

    def add_one(number: int) -> None:
        for _ in range(25):
            stores[number % len(stores)].change(
                key("a"),
                0.0,
                lambda found: (
                    replace(found, row_count=found.row_count + 1) if found else replace(STREAM, row_count=1),
                    None,
                ),
            )

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(add_one, range(6)))
    assert stores[0].find(key("a"), 0.0).stream.row_count == 150


def test_a_stream_that_was_deleted_meanwhile_does_not_come_back() -> None:
    store = StreamStore()
    put(store, "a", 0.0)
    seen: list[bool] = []

    def make(found: Stream | None) -> tuple[Stream, None]:
        if not seen:
            store.delete(key("a"), 0.0)
            put(store, "a", 0.0, replace(STREAM, row_count=100))
        seen.append(found is not None)
        assert found is not None
        return replace(found, row_count=found.row_count + 1), None

    store.change(key("a"), 0.0, make)
    assert (store.find(key("a"), 0.0).stream.row_count, seen) == (101, [True, True])


def test_a_file_that_is_something_else_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "text").write_text("no database at all, " * 100)
    with pytest.raises(InputError, match="text: cannot keep streams: file is not a database"):
        StreamStore(tmp_path / "text")
    with sqlite3.connect(tmp_path / "other") as other:
        other.execute("CREATE TABLE mine (x)")
    other.close()
    before = (tmp_path / "other").read_bytes()
    with pytest.raises(InputError, match="expected a file of streams, layout 1, found another SQLite database"):
        StreamStore(tmp_path / "other")
    assert (tmp_path / "other").read_bytes() == before
    with pytest.raises(InputError, match="unable to open"):
        StreamStore(tmp_path / "no" / "such" / "folder")


def test_a_file_that_another_holds_for_too_long_is_told_as_unavailable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "BUSY_SECONDS", 0.05)
    store = StreamStore(tmp_path / "streams")
    put(store, "a", 0.0)
    with sqlite3.connect(tmp_path / "streams", isolation_level=None) as other:
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(StreamsUnavailableError, match="database is locked"):
            put(store, "a", 1.0)
        other.execute("ROLLBACK")
        put(store, "a", 1.0)
    other.close()
