import io

import numpy as np
from rich.console import Console
from rich.table import Table

from examples.demo.client import Judgement, Model, Suspect
from examples.demo.labelled import Episode, Labelled
from examples.demo.tables import detection_table, sample_table

MODEL = Model(("flow", "filter_outlet_pressure"), {"flow": "m3/h", "filter_outlet_pressure": "bar"}, 10.0, 0.01)
QUIET = Judgement("normal", 5.0, 0.42, None, Suspect("flow", 0.5, 20.0, 20.1))
ALARM = Judgement("anomaly", 25.0, 0.0001, None, Suspect("filter_outlet_pressure", 0.9, 2.1042, 2.3381))
DEAD = Judgement("invalid", None, None, "missing_value: 'flow' has no value", None)
TEST = Labelled(
    values=np.zeros((10, 2)),
    anomalous=np.arange(10) >= 5,
    episodes=(Episode("blocked filter", np.arange(5, 10), np.arange(0.0, 10.0, 2.0)),),
    unreadable=0,
)
JUDGED = [QUIET, QUIET, ALARM, QUIET, DEAD, QUIET, QUIET, ALARM, ALARM, ALARM]


def shown(table: Table) -> str:
    console = Console(width=100, file=io.StringIO())
    console.print(table)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def row(text: str, start: str) -> list[str]:
    return next(line.split() for line in text.splitlines() if line.strip().startswith(start))


def test_an_alarm_shows_its_score_in_thresholds_and_the_sensor_with_what_was_expected_in_units() -> None:
    text = shown(sample_table(TEST, JUDGED, DEAD, MODEL))
    assert row(text, "0:06 h") == "0:06 h anomaly 2.50 <0.001 filter_outlet_pressure 2.10 2.34 bar".split()


def test_a_normal_sample_accuses_no_sensor() -> None:
    assert row(shown(sample_table(TEST, JUDGED, DEAD, MODEL)), "clean") == "clean normal 0.50 0.420".split()


def test_an_invalid_sample_shows_why() -> None:
    text = shown(sample_table(TEST, JUDGED, DEAD, MODEL))
    assert row(text, "dead sensor") == "dead sensor invalid 'flow' has no value".split()


def test_alarms_are_counted_by_fault_and_the_promise_stands_beside_false_ones() -> None:
    text = shown(detection_table(TEST, JUDGED, {"blocked filter": ("filter_outlet_pressure",)}, MODEL))
    fault = row(text, "blocked filter")
    assert fault[2:4] == ["5", "60%"]
    assert fault[-6:] == "0:04 h filter_outlet_pressure in 100% ✓".split()
    assert row(text, "clean") == "clean 5 25.00% promised: ≤ 1%".split()
    assert "1 invalid rows left out" in text


def test_a_fault_that_raises_no_steady_alarm_is_shown_as_never() -> None:
    judged = [*JUDGED[:5], ALARM, QUIET, ALARM, QUIET, ALARM]
    assert "never" in row(shown(detection_table(TEST, judged, {}, MODEL)), "blocked filter")


def test_tables_without_times_leave_the_time_columns_out() -> None:
    untimed = Labelled(TEST.values, TEST.anomalous, (Episode("labelled anomalous", np.arange(5, 10), None),), 0)
    assert "after" not in shown(sample_table(untimed, JUDGED, DEAD, MODEL))
    assert "steady" not in shown(detection_table(untimed, JUDGED, {}, MODEL))
