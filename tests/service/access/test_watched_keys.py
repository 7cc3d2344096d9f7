import logging
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry

from model.errors import InputError
from service.access import watched_keys
from service.access.keys_file import read_keys, write_keys
from service.access.watched_keys import WatchedKeys
from service.metrics import Metrics
from tests.service.access.clock import Clock
from tests.service.access.keys import add_key


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(watched_keys, "monotonic", clock)
    return clock


@pytest.fixture
def metrics() -> Metrics:
    return Metrics(CollectorRegistry())


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "keys.json"


def knows(keys: WatchedKeys, key: str) -> bool:
    return keys.now().find(key.encode()) is not None


def test_a_key_is_taken_and_another_given_up_a_second_after_the_file_changed(
    path: Path, clock: Clock, metrics: Metrics
) -> None:
    old = add_key(path, "old")
    keys = WatchedKeys(path, None, metrics)
    new = add_key(path, "new")
    write_keys(path, [entry for entry in read_keys(path).keys if entry.name == "new"])
    assert (knows(keys, old), knows(keys, new)) == (True, False)
    clock.now += 1.0
    assert (knows(keys, old), knows(keys, new)) == (False, True)


def test_a_file_written_in_place_is_read_again_too(path: Path, clock: Clock, metrics: Metrics) -> None:
    key = add_key(path)
    raw = path.read_bytes()
    write_keys(path, ())
    keys = WatchedKeys(path, None, metrics)
    path.write_bytes(raw)
    clock.now += 1.0
    assert knows(keys, key)


def test_a_file_that_is_mounted_by_a_link_is_followed(tmp_path: Path, clock: Clock, metrics: Metrics) -> None:
    keys = [add_key(tmp_path / name) for name in ("first", "second")]
    link = tmp_path / "keys.json"
    link.symlink_to("first")
    watched = WatchedKeys(link, None, metrics)
    (tmp_path / "next").symlink_to("second")
    (tmp_path / "next").replace(link)
    clock.now += 1.0
    assert [knows(watched, key) for key in keys] == [False, True]


@pytest.mark.parametrize("how", ["damaged", "gone", "readable by all"])
def test_a_file_that_cannot_be_taken_changes_nothing_and_is_told(
    path: Path, clock: Clock, metrics: Metrics, how: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "plumbline.access")
    key = add_key(path)
    raw = path.read_bytes()
    keys = WatchedKeys(path, None, metrics)
    if how == "gone":
        path.unlink()
    elif how == "damaged":
        path.write_bytes(raw[:-5])
    else:
        path.chmod(0o644)
    clock.now += 1.0
    assert knows(keys, key)
    assert b"plumbline_keys_file_success 0.0" in metrics.exposition()
    assert [record.message for record in caplog.records] == ["keys kept as they were"]
    clock.now += 1.0
    assert knows(keys, key)
    assert len(caplog.records) == 1  # told once

    path.write_bytes(raw)
    path.chmod(0o600)
    clock.now += 1.0
    assert knows(keys, key)
    assert b"plumbline_keys_file_success 1.0" in metrics.exposition()
    assert caplog.records[-1].message == "keys read"


def test_without_a_good_file_at_the_start_there_is_no_service(path: Path, metrics: Metrics) -> None:
    with pytest.raises(InputError, match="keys cannot be read"):
        WatchedKeys(path, None, metrics)
