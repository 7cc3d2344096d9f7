"""What became of one set of rows: the promise beside what was achieved."""

from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.results import show
from training.evaluate import Evaluation


@dataclass(frozen=True)
class Outcome:
    """One line of the table. ``published`` is an AUROC from the literature to hold ours against, and whose it is."""

    data: str
    promise: float
    evaluation: Evaluation
    published: str = ""


def show_outcomes(outcomes: Sequence[Outcome]) -> None:
    show(
        "Real data: false alarms promised and achieved, faults found",
        ("data", "clean rows", "promised", "false alarms", "95 % interval", "faulty rows", "detected", "AUROC", "published best"),
        [outcome_row(outcome) for outcome in outcomes],
    )  # fmt: skip


def outcome_row(outcome: Outcome) -> tuple[str, ...]:
    """Write an outcome in words; what there is none of stays empty."""
    return (outcome.data, *_clean(outcome), *_faulty(outcome.evaluation), outcome.published)


def _clean(outcome: Outcome) -> tuple[str, str, str, str]:
    test = outcome.evaluation
    if not test.clean_rows:
        return "", "", "", ""
    low, high = test.false_alarm_interval
    interval = f"{low:.1%} to {high:.1%}"
    return f"{test.clean_rows:,}", f"{100 * outcome.promise:g}%", f"{test.false_alarm_rate:.1%}", interval


def _faulty(test: Evaluation) -> tuple[str, str, str]:
    if not test.anomalous_rows:
        return "", "", ""
    return (
        f"{test.anomalous_rows:,}",
        f"{test.detection_rate:.1%}",
        "" if test.auroc is None else f"{100 * test.auroc:.1f}",
    )
