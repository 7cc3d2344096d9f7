import json
import threading
from pathlib import Path

import pytest

from model.errors import InputError
from service.errors import StateUnavailableError
from service.registry.decisions import Decision, Decisions


def test_what_is_decided_is_what_others_read(tmp_path: Path) -> None:
    path = tmp_path / "state.json"
    Decisions(path).decide("pump", pinned=2)
    other = Decisions(path)
    other.read()
    assert other.of("pump") == Decision(pinned=2)
    assert other.of("valve") == Decision()


def test_what_is_decided_about_nothing_any_more_leaves_no_trace(tmp_path: Path) -> None:
    decisions = Decisions(tmp_path / "state.json")
    decisions.decide("pump", pinned=2)
    decisions.decide("pump", pinned=None)
    assert json.loads((tmp_path / "state.json").read_text()) == {"format_version": 1, "models": {}}
    assert [path.name for path in tmp_path.iterdir()] == ["state.json"]


def test_what_served_is_what_others_read_and_what_is_above_is_forgotten(tmp_path: Path) -> None:
    path = tmp_path / "state.json"
    here, other = Decisions(path), Decisions(path)
    for version, expected in ((1, (1,)), (4, (1, 4)), (6, (1, 4, 6)), (5, (1, 4, 5)), (4, (1, 4))):
        here.note_served("pump", version)
        other.read()
        other.note_served("pump", version)  # every worker does
        assert here.served("pump") == other.served("pump") == expected


def test_a_worker_that_is_late_forgets_nothing_of_what_served(tmp_path: Path) -> None:
    path = tmp_path / "state.json"
    here, late = Decisions(path), Decisions(path)
    late.note_served("pump", 1)
    for version in (1, 2, 3):
        here.note_served("pump", version)
    late.note_served("pump", 3)
    here.read()
    assert here.served("pump") == late.served("pump") == (1, 2, 3)


def test_a_first_version_needs_no_file_and_a_decision_leaves_what_served(tmp_path: Path) -> None:
    decisions = Decisions(tmp_path / "state.json")
    decisions.note_served("pump", 1)
    assert [*tmp_path.iterdir()] == []
    decisions.note_served("pump", 2)
    decisions.decide("pump", pinned=2)
    decisions.decide("pump", pinned=None)
    assert json.loads((tmp_path / "state.json").read_text())["served"] == {"pump": [1, 2]}


@pytest.mark.parametrize("path", [None, Path("nowhere", "state.json")])
def test_without_a_place_to_write_it_a_process_knows_what_it_has_served(path: Path | None) -> None:
    decisions = Decisions(path)
    for version in (1, 3):
        decisions.note_served("pump", version)
        decisions.read()
    assert decisions.served("pump") == (1, 3)


def test_without_a_file_nothing_was_decided(tmp_path: Path) -> None:
    decisions = Decisions(tmp_path / "state.json")
    decisions.read()
    assert decisions.of("pump") == Decision()


def test_decisions_made_at_the_same_time_are_all_kept(tmp_path: Path) -> None:
    path = tmp_path / "state.json"

    def decide(name: str) -> None:
        for version in range(1, 11):
            Decisions(path).decide(name, pinned=version)

    names = [f"pump-{number}" for number in range(6)]
    threads = [threading.Thread(target=decide, args=(name,)) for name in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    decisions = Decisions(path)
    decisions.read()
    assert {decisions.of(name).pinned for name in names} == {10}


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("{", "the file.*json"),
        ('{"format_version": 2}', "format_version"),
        ('{"models": {"pump": {"pinned": 0}}}', "models.pump.pinned"),
        ('{"models": {"pump": {"pined": 1}}}', "models.pump.pined"),
        ('{"models": {"../pump": {"pinned": 1}}}', "models"),
        ('{"models": 3}', "models"),
        (" " * (1 << 20) + "{}", "at most 1,048,576 bytes"),
    ],
)
def test_a_file_that_is_no_such_file_is_named_and_changes_nothing(tmp_path: Path, written: str, said: str) -> None:
    path = tmp_path / "state.json"
    decisions = Decisions(path)
    decisions.decide("pump", pinned=3)
    path.write_text(written)
    with pytest.raises(InputError, match=f"state.json: .*{said}"):
        decisions.read()
    assert decisions.of("pump").pinned == 3
    with pytest.raises(StateUnavailableError, match="state.json"):
        decisions.decide("pump", pinned=4)
    assert path.read_text() == written


def test_a_place_that_cannot_be_written_is_named_with_the_way_out(tmp_path: Path) -> None:
    decisions = Decisions(tmp_path / "nowhere" / "state.json")
    with pytest.raises(StateUnavailableError, match="nowhere.*No such file.*set PLUMBLINE_STATE"):
        decisions.decide("pump", pinned=1)
    assert decisions.of("pump") == Decision()


def test_models_that_cannot_keep_decisions_say_so() -> None:
    with pytest.raises(StateUnavailableError, match="set PLUMBLINE_STATE"):
        Decisions().decide("pump", pinned=1)
