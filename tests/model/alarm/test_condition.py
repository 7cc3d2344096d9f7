"""The alarm rule row by row, against counts made by brute force."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from model.alarm.condition import Condition
from model.alarm.rule import AlarmRule

THRESHOLD = 10.0
SCORES = st.lists(st.sampled_from([1.0, 8.0, 9.5, 11.0, 20.0]), max_size=120)


@st.composite
def rules(draw: st.DrawFn) -> AlarmRule:
    n = draw(st.integers(1, 6))
    return AlarmRule(
        k=draw(st.integers(1, n)),
        n=n,
        on_delay=draw(st.integers(1, 4)),
        off_delay=draw(st.integers(1, 5)),
        clear_threshold=draw(st.sampled_from([7.0, 9.0, THRESHOLD])),
    )


def conditions(scores: list[float], rule: AlarmRule) -> list[bool]:
    condition, found = Condition(), []
    for score in scores:
        condition = condition.after_row(score > THRESHOLD, score <= rule.clear_threshold, rule)
        found.append(condition.active)
    return found


@given(SCORES, rules())
def test_an_alarm_is_raised_when_k_of_n_have_held_and_cleared_when_rows_were_quiet(
    scores: list[float], rule: AlarmRule
) -> None:
    active, since = False, 0  # rows before `since` count for nothing
    for row, found in enumerate(conditions(scores, rule)):
        if active:
            last = scores[max(row + 1 - rule.off_delay, since) : row + 1]
            active = not (len(last) == rule.off_delay and all(score <= rule.clear_threshold for score in last))
            since = since if active else row + 1
        else:
            held = (
                sum(score > THRESHOLD for score in scores[max(end + 1 - rule.n, since) : end + 1]) >= rule.k
                for end in range(row + 1 - rule.on_delay, row + 1)
                if end >= since
            )
            active = [*held] == [True] * rule.on_delay
            since = row + 1 if active else since
        assert found == active


@given(SCORES, rules())
def test_an_alarm_cannot_flicker(scores: list[float], rule: AlarmRule) -> None:
    found = [False, *conditions(scores, rule)]
    changes = [row for row, (before, after) in enumerate(pairwise(found)) if before != after]
    for number, (earlier, later) in enumerate(pairwise(changes)):
        # The first change raises, the second clears, and so on.
        assert later - earlier >= (rule.off_delay if number % 2 == 0 else rule.k + rule.on_delay - 1)


@given(SCORES)
def test_with_one_of_one_and_no_delay_the_alarm_is_the_verdict(scores: list[float]) -> None:
    rule = AlarmRule(k=1, n=1, clear_threshold=THRESHOLD)
    assert conditions(scores, rule) == [score > THRESHOLD for score in scores]


def test_within_the_deadband_an_alarm_stays_and_none_is_raised() -> None:
    rule = AlarmRule(k=1, n=1, clear_threshold=7.0)
    assert conditions([9.0, 11.0, 9.0, 8.0, 7.0, 9.0], rule) == [False, True, True, True, False, False]


def test_rows_before_a_gap_do_not_help_to_raise_but_an_alarm_outlives_it() -> None:
    rule = AlarmRule(k=2, n=3, off_delay=2, clear_threshold=THRESHOLD)
    pending = Condition().after_row(is_anomaly=True, is_quiet=False, rule=rule).after_gap()
    once = pending.after_row(is_anomaly=True, is_quiet=False, rule=rule)
    assert not once.active
    active = once.after_row(is_anomaly=True, is_quiet=False, rule=rule)
    assert active.active
    after = active.after_row(is_anomaly=False, is_quiet=True, rule=rule).after_gap()
    assert after.after_row(is_anomaly=False, is_quiet=True, rule=rule).active
