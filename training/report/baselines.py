"""How each detector did on injected faults: what to know of it, and rows of a table."""

from collections.abc import Mapping
from dataclasses import dataclass

from model.manifest import DetectorKind
from training.baseline_gate import Conclusion
from training.baselines.candidates import NAMES
from training.comparison import Comparison, Interval
from training.report.findings import Finding, Tone


@dataclass(frozen=True)
class StandingRow:
    """One detector; rates are shares, ``behind`` is None for the best. ``start``, ``low``, ``high``: % of the strip."""

    name: str
    chosen: bool
    detection: Interval
    right_sensor: Interval
    by_kind: Mapping[str, float]
    behind: Interval | None
    start: float
    low: float
    high: float


def standing_rows(comparison: Comparison, chosen: DetectorKind) -> tuple[StandingRow, ...]:
    """Give a row for each detector, best first."""
    return tuple(
        StandingRow(
            NAMES[kind],
            kind == chosen,
            standing.detection,
            standing.right_sensor,
            standing.by_kind,
            None if kind == comparison.best else standing.behind,
            *(
                round(100 * edge, 2)
                for edge in (standing.detection.value, standing.detection.low, standing.detection.high)
            ),
        )
        for kind, standing in comparison.standings.items()
    )


def check_baselines(conclusion: Conclusion) -> Finding:
    """Say whether a simpler detector did better on the same injected faults."""
    tone: Tone = "caution" if conclusion.outcome == "beaten" else "good"
    return Finding(tone, conclusion.headline, conclusion.advice, "baselines")
