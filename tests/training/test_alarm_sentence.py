import pytest

from model.alarm.rule import Alarm, AlarmRule, CleanAlarms
from training.alarm_sentence import alarm_sentence


@pytest.mark.parametrize(
    ("rule", "sentence"),
    [
        (
            AlarmRule(k=1, n=1, clear_threshold=2.5),
            "raised by an anomaly, cleared by 1 quiet row (score at most 2.5): "
            "4 raised among 8,000 clean rows, 0.5 in 1,000; 31 if each run of anomalies were one",
        ),
        (
            AlarmRule(k=3, n=5, on_delay=4, off_delay=1200, clear_threshold=2.5),
            "raised by 3 anomalies among 5 rows, for 4 rows, cleared by 1,200 quiet rows (score at most 2.5): ",
        ),
        (AlarmRule(k=2, n=2, clear_threshold=2.5), "raised by 2 anomalies in a row, cleared by"),
    ],
)
def test_the_rule_and_what_it_makes_of_clean_rows_are_told_in_words(rule: AlarmRule, sentence: str) -> None:
    told = alarm_sentence(Alarm(rule=rule, clean=CleanAlarms(annunciations=4, runs=31)), 8000)
    assert told.startswith(sentence)


def test_without_an_order_in_time_no_number_of_alarms_is_claimed() -> None:
    told = alarm_sentence(Alarm(rule=AlarmRule(k=1, n=1, clear_threshold=2.5)), 8000)
    assert "is not known, as their order in time is not" in told
    assert "raised among" not in told
