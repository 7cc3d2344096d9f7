from pathlib import Path

import numpy as np

from examples.demo.client import Judgement
from examples.demo.labelled import first_sustained, read_labelled

ALARM, QUIET = (Judgement(verdict, 1.0, 0.5, None, None) for verdict in ("anomaly", "normal"))


def test_the_rigs_file_falls_into_episodes_with_the_minutes_since_each_began(tmp_path: Path) -> None:
    file = tmp_path / "test.csv"
    file.write_text(
        "time,flow,anomaly,fault\n"
        "2026-03-02T00:00:00,1,0,none\n"
        "2026-03-02T00:02:00,2,1,leak\n"
        "2026-03-02T00:04:00,3,1,leak\n"
        "2026-03-02T00:06:00,4,1,wear\n"
    )
    test = read_labelled(file, ("flow",), "anomaly", of_rig=True)
    assert [episode.name for episode in test.episodes] == ["leak", "wear"]
    assert test.episodes[0].rows.tolist() == [1, 2]
    assert test.episodes[0].minutes is not None
    assert test.episodes[0].minutes.tolist() == [0, 2]
    assert test.anomalous.tolist() == [False, True, True, True]


def test_a_file_of_ones_own_has_one_episode_and_keeps_missing_values(tmp_path: Path) -> None:
    file = tmp_path / "own.csv"
    file.write_text("flow,bad,note\n1,0,a\n,1,b\n3,1,c\n4,perhaps,d\n")
    test = read_labelled(file, ("flow",), "bad", of_rig=False)
    np.testing.assert_array_equal(test.values, [[1], [np.nan], [3]])
    assert [(episode.name, episode.rows.tolist()) for episode in test.episodes] == [("labelled anomalous", [1, 2])]
    assert test.unreadable == 1


def test_a_single_alarm_is_not_yet_a_steady_one() -> None:
    assert first_sustained([ALARM, QUIET, ALARM, ALARM, QUIET]) is None
    assert first_sustained([ALARM, QUIET, ALARM, ALARM, ALARM, QUIET]) == 2
