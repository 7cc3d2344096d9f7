"""What an operator may write for a budget, and what is refused."""

import pytest

from model.errors import InputError
from training.alarm_budget import duration, parse_budget
from training.config_file import load_config

BUDGET = {"calibration.alarm_budget": "2 per month", "calibration.sampling_interval": "1s"}


@pytest.mark.parametrize(
    ("text", "interval", "per_day"),
    [
        ("2 per month", "1s", 2 / 30.44),
        ("1 per shift", "500ms", 3),
        ("0.5 per week", "2 min", 0.5 / 7),
        ("3 an hour", "1 h", 72),
        ("4/day", "0.25 seconds", 4),
        (" 12 Per YEAR ", "1D", 12 / 365.25),
    ],
)
def test_a_budget_is_read_as_a_rate_in_time(text: str, interval: str, per_day: float) -> None:
    asked = parse_budget(text, interval)
    assert asked.per_sample == pytest.approx(per_day * asked.interval / 86_400)


@pytest.mark.parametrize(
    ("text", "seconds"), [("1s", 1), ("500ms", 0.5), ("2 min", 120), ("5m", 300), ("1.5h", 5400), ("1 day", 86_400)]
)
def test_an_interval_is_read_in_seconds(text: str, seconds: float) -> None:
    assert parse_budget("1 per day", text).interval == pytest.approx(seconds)


@pytest.mark.parametrize(
    "text", ["two per month", "2", "2 per", "2 per fortnight", "-1 per day", "2 permonth", "", "1e3 per day"]
)
def test_a_budget_that_is_none_is_quoted_beside_an_example(text: str) -> None:
    with pytest.raises(ValueError, match=r"a number per hour, shift, day, week, month, year, such as '2 per month'"):
        parse_budget(text, "1s")


@pytest.mark.parametrize("text", ["1", "s", "0s", "1 fortnight", "-1s", "1 month"])
def test_an_interval_that_is_none_is_quoted_beside_an_example(text: str) -> None:
    with pytest.raises(ValueError, match="a sampling interval is a number above 0 and a unit"):
        parse_budget("1 per day", text)


def test_no_false_alarm_at_all_is_a_promise_nobody_can_make() -> None:
    with pytest.raises(ValueError, match="cannot be promised by any number of clean samples"):
        parse_budget("0 per year", "1s")


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"target_fpr": 0.01}, "target_fpr and alarm_budget exclude each other"),
        ({"calibration.rule": "conformal"}, "kept with confidence, by the rule 'tolerance', found rule 'conformal'"),
        ({"split.by": "random"}, "counts episodes in time"),
        ({"calibration.alarm_budget": "often"}, "calibration: an alarm budget is a number per"),
    ],
)
def test_what_does_not_go_with_a_budget_is_refused(more: dict[str, object], why: str) -> None:
    with pytest.raises(InputError, match=why):
        load_config(None, BUDGET | more)


@pytest.mark.parametrize("alone", list(BUDGET))
def test_a_budget_and_the_sampling_interval_belong_together(alone: str) -> None:
    with pytest.raises(InputError, match="alarm_budget and sampling_interval belong together"):
        load_config(None, {alone: BUDGET[alone]})


@pytest.mark.parametrize(
    ("seconds", "told"),
    [(0.5, "0.5 seconds"), (90, "90 seconds"), (3_600, "60 minutes"), (7_200, "2 hours"), (140 * 86_400, "4.6 months")],
)
def test_a_time_is_told_in_the_unit_that_suits(seconds: float, told: str) -> None:
    assert duration(seconds) == told
