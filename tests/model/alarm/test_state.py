"""The life of an alarm between a process and its operator."""

from hypothesis import given
from hypothesis import strategies as st

from model.alarm.rule import AlarmRule
from model.alarm.state import AlarmState, StreamAlarm

RULE = AlarmRule(k=1, n=1, clear_threshold=1.0, unjudged_after=3)


def bad(alarm: StreamAlarm, now: float = 0.0) -> StreamAlarm:
    return alarm.after_row(is_anomaly=True, is_quiet=False, rule=RULE, now=now)


def good(alarm: StreamAlarm, now: float = 0.0) -> StreamAlarm:
    return alarm.after_row(is_anomaly=False, is_quiet=True, rule=RULE, now=now)


def test_an_alarm_that_is_acknowledged_before_the_process_returns_ends_with_it() -> None:
    raised = bad(StreamAlarm(), 5.0)
    assert (raised.state, raised.since) == (AlarmState.UNACKNOWLEDGED, 5.0)
    seen = raised.acknowledged(7.0)
    assert (seen.state, seen.since) == (AlarmState.ACKNOWLEDGED, 7.0)
    assert (good(seen, 9.0).state, good(seen, 9.0).since) == (AlarmState.NORMAL, 9.0)


def test_an_alarm_that_nobody_saw_waits_for_acknowledgement_and_can_be_raised_again() -> None:
    returned = good(bad(StreamAlarm()), 2.0)
    assert (returned.state, returned.since) == (AlarmState.RETURNED, 2.0)
    assert returned.acknowledged(3.0).state == AlarmState.NORMAL
    assert bad(returned).state == AlarmState.UNACKNOWLEDGED


def test_acknowledging_where_there_is_nothing_to_acknowledge_changes_nothing() -> None:
    assert StreamAlarm().acknowledged(1.0) == StreamAlarm()
    seen = bad(StreamAlarm()).acknowledged(1.0)
    assert seen.acknowledged(2.0) == seen


def test_a_shelved_alarm_that_is_still_active_is_annunciated_when_its_time_is_up() -> None:
    shelved = bad(StreamAlarm(), 1.0).shelved(100.0, "sensor is being changed", 2.0)
    assert shelved.at(99.9) is shelved
    again = shelved.at(150.0)
    assert (again.state, again.since, again.shelving) == (AlarmState.UNACKNOWLEDGED, 100.0, None)
    assert shelved.unshelved(50.0).since == 50.0


def test_a_shelved_alarm_whose_process_returned_is_normal_when_its_time_is_up() -> None:
    assert good(bad(StreamAlarm()).shelved(100.0, "", 2.0)).at(100.0).state == AlarmState.NORMAL


def test_shelving_again_moves_the_end_and_unshelving_what_is_not_shelved_changes_nothing() -> None:
    shelved = StreamAlarm().shelved(100.0, "first", 1.0).shelved(60.0, "second", 2.0)
    assert (shelved.at(60.0).state, shelved.since) == (AlarmState.NORMAL, 1.0)
    assert StreamAlarm().unshelved(1.0) == StreamAlarm()


ACTIONS = st.lists(st.sampled_from(["bad", "good", "invalid", "gap", "acknowledge", "shelve", "unshelve"]), max_size=60)


@given(ACTIONS)
def test_what_is_shelved_is_never_annunciated_and_expires(actions: list[str]) -> None:
    alarm, now = StreamAlarm(), 0.0
    for action in actions:
        now += 1.0
        before = alarm
        alarm = alarm.at(now)
        if action == "bad":
            alarm = bad(alarm, now)
        elif action == "good":
            alarm = good(alarm, now)
        elif action == "invalid":
            alarm = alarm.after_invalid_row()
        elif action == "gap":
            alarm = alarm.after_gap()
        elif action == "acknowledge":
            alarm = alarm.acknowledged(now)
        elif action == "shelve":
            alarm = alarm.shelved(now + 5.0, "", now)
        else:
            alarm = alarm.unshelved(now)
        if before.shelving is not None and now < before.shelving.until and action != "unshelve":
            assert alarm.state == AlarmState.SHELVED
        if alarm.shelving is not None:
            assert now < alarm.shelving.until
        if alarm.state != before.state:
            assert alarm.since is not None
            assert now - 5.0 <= alarm.since <= now


@given(st.lists(st.sampled_from(["invalid", "gap"])))
def test_rows_that_cannot_be_judged_neither_raise_nor_clear(actions: list[str]) -> None:
    for start in (StreamAlarm(), bad(StreamAlarm()), good(bad(StreamAlarm()))):
        alarm = start
        for action in actions:
            alarm = alarm.after_invalid_row() if action == "invalid" else alarm.after_gap()
        assert alarm.state == start.state


def test_a_stream_that_stays_invalid_is_told_as_unjudged_and_one_good_row_ends_it() -> None:
    alarm = StreamAlarm()
    for _ in range(3):
        assert not alarm.is_unjudged(RULE)
        alarm = alarm.after_invalid_row()
    assert alarm.is_unjudged(RULE)
    assert not alarm.is_unjudged(RULE, window_length=2)
    assert not good(alarm).is_unjudged(RULE)
