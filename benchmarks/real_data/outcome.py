"""What became of one set of rows: the promise beside what was achieved."""

from collections.abc import Sequence
from dataclasses import dataclass

from rich.table import Table

from benchmarks.results import figures_table
from training.evaluate import Evaluation


@dataclass(frozen=True)
class Outcome:
    """One line of the table. ``published`` is an AUROC from the literature to hold ours against, and whose it is."""

    data: str
    promise: float
    evaluation: Evaluation
    published: str = ""


def outcome_table(outcomes: Sequence[Outcome]) -> Table:
    table = figures_table(
        "Real data: false alarms promised and achieved, faults found",
        "data", "clean rows", "false alarms", "95 % interval", "promised", "faulty rows", "detected", "AUROC", "published best",
    )  # fmt: skip
    for outcome in outcomes:
        table.add_row(outcome.data, *_clean(outcome), *_faulty(outcome.evaluation), outcome.published)
    return table


def _clean(outcome: Outcome) -> tuple[str, str, str, str]:
    test = outcome.evaluation
    if not test.clean_rows:
        return "", "", "", ""
    low, high = test.false_alarm_interval
    return f"{test.clean_rows:,}", f"{test.false_alarm_rate:.1%}", f"{low:.1%} to {high:.1%}", f"{outcome.promise:.0%}"


def _faulty(test: Evaluation) -> tuple[str, str, str]:
    if not test.anomalous_rows:
        return "", "", ""
    return (
        f"{test.anomalous_rows:,}",
        f"{test.detection_rate:.1%}",
        "" if test.auroc is None else f"{100 * test.auroc:.1f}",
    )
