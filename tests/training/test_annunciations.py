"""Alarms counted from one row that is not quiet to the next, against the rule followed row by row."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from model.alarm.condition import Condition
from training.alarm_config import AlarmConfig
from training.annunciations import Series, alarm_rule, clean_alarms, clear_threshold


@st.composite
def rules(draw: st.DrawFn) -> AlarmConfig:
    n = draw(st.integers(1, 6))
    return AlarmConfig(
        k=draw(st.integers(1, n)),
        n=n,
        on_delay=draw(st.integers(1, 5)),
        off_delay=draw(st.integers(1, 6)),
        hysteresis=draw(st.sampled_from([1.0, 1.5, 3.0])),
    )


def row_by_row(scores: NDArray[np.float64], threshold: float, clear: float, rule: AlarmConfig) -> list[tuple[int, int]]:
    complete = alarm_rule(threshold, scores, rule).model_copy(update={"clear_threshold": clear})
    condition, found, raised = Condition(), [], 0
    for row, score in enumerate(scores.tolist()):
        after = condition.after_row(score > threshold, score <= clear, complete)
        if after.active and not condition.active:
            raised = row
        if condition.active and not after.active:
            found.append((raised, row))
        condition = after
    return [*found, (raised, scores.size)] if condition.active else found


@settings(max_examples=400)
@given(st.lists(st.integers(0, 9), min_size=1, max_size=150), rules(), st.integers(3, 9), st.integers(1, 4))
def test_the_alarms_are_those_of_the_rule_row_by_row(
    levels: list[int], rule: AlarmConfig, threshold: int, groups: int
) -> None:
    scores = np.array(levels, dtype=np.float64)
    names = np.resize([f"asset {number}" for number in range(groups)], scores.size)
    clear = clear_threshold(threshold, scores, rule.hysteresis)
    expected, start = [], 0
    for name in np.unique(names):
        of = scores[names == name]
        found = row_by_row(of, threshold, clear, rule)
        expected += [(start + raised, start + cleared) for raised, cleared in found]
        start += of.size
    assert Series.of(scores, names).alarms_above(threshold, rule) == expected


def test_without_hysteresis_an_alarm_clears_at_the_threshold_whatever_the_scores() -> None:
    assert clear_threshold(7.5, np.arange(10.0), 1.0) == 7.5


@pytest.mark.parametrize(("threshold", "clear"), [(7.0, 5.0), (9.0, 9.0), (0.0, 0.0)])
def test_with_hysteresis_it_clears_where_so_many_times_as_many_clean_scores_lie_above(
    threshold: float, clear: float
) -> None:
    assert clear_threshold(threshold, np.random.default_rng(0).permutation(np.arange(10.0)), 2.0) == clear


def test_debouncing_leaves_the_operator_fewer_alarms_than_there_are_runs() -> None:
    scores = np.zeros(400)
    scores[np.arange(100, 120, 2)] = 1.0  # one bout that flickers
    scores[300] = 1.0  # and one row on its own
    found = clean_alarms(Series(scores), 0.5, AlarmConfig(k=2, n=3, off_delay=5, hysteresis=1.0))
    assert (found.annunciations, found.runs) == (1, 11)
