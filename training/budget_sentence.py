"""What an alarm budget came to, as half a sentence for log, report and model card."""

from model.alarm_budget import AlarmBudget
from model.threshold import CalibrationMethod
from training.alarm_budget import duration


def budget_sentence(budget: AlarmBudget, method: CalibrationMethod) -> str:
    """Say what is allowed, what is expected, and on how much running time that stands."""
    about = ", approximately, for scores out of fold" if method == "cross_fitted" else ""
    length = "" if budget.mean_length is None else f", mean length {budget.mean_length:.3g}"
    return (
        f"{budget.episodes:g} per {budget.period} kept with {budget.confidence:.0%} confidence{about}: "
        f"{budget.expected:.2g} expected, at most {budget.expected_high:.2g}; "
        f"{budget.seen:,} {'episode' if budget.seen == 1 else 'episodes'} seen in {duration(budget.seconds)}{length}"
    )
