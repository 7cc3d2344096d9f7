"""Who won, in words: the honest answer to whether the VAE was worth it on these data."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from model.manifest import DetectorKind
from training.baselines.candidates import NAMES
from training.comparison import Comparison, Interval

log = logging.getLogger("plumbline.training")

Outcome = Literal["won", "tied", "beaten"]


@dataclass(frozen=True)
class Conclusion:
    """What became of the detector that the bundle holds; ``flag`` exports what beat it."""

    outcome: Outcome
    headline: str
    flag: str = ""

    @property
    def advice(self) -> str:
        return f"{self.flag} exports it, behind the same bundle and API." if self.flag else ""


def conclude(comparison: Comparison, chosen: DetectorKind) -> Conclusion:
    """Say whether the ``chosen`` detector was beaten beyond chance, and which flag exports what beat it."""
    best, leaders = comparison.best, comparison.leaders
    if chosen not in leaders:
        lead = _points(comparison.standings[chosen].behind)
        tied = f"; {_listed(leaders[1:])} cannot be told from it" if leaders[1:] else ""
        headline = f"{_title(best)} finds more injected faults than {_named(chosen)}: {lead}{tied}."
        return Conclusion("beaten", headline, f"--detector {best}")
    if len(leaders) > 1:
        others = [kind for kind in leaders if kind != chosen]
        apart = max(comparison.standings[kind].behind.value for kind in leaders)
        return Conclusion(
            "tied",
            f"A tie: {_listed([chosen, *others])} find injected faults within {100 * apart:.1f} points "
            "of each other, and chance alone may have ordered them.",
        )
    second = next(kind for kind in comparison.standings if kind != chosen)
    lead = _points(comparison.standings[second].behind)
    return Conclusion("won", f"{_title(chosen)} finds most injected faults: {lead} than {_named(second)}.")


def tell_comparison(comparison: Comparison, chosen: DetectorKind) -> None:
    """Log how each detector did and who won."""
    log.info(
        "%s rows with an injected fault in one of %d sensors, all detectors at the same false-alarm rate:",
        f"{comparison.rows:,}", comparison.features,
    )  # fmt: skip
    for kind, standing in comparison.standings.items():
        found, right = standing.detection, standing.right_sensor
        log.info(
            "  %-18s finds %.1f %% (95 %% interval %.1f to %.1f), names the right sensor in %.1f %% of its alarms",
            NAMES[kind], 100 * found.value, 100 * found.low, 100 * found.high, 100 * right.value,
        )  # fmt: skip
    conclusion = conclude(comparison, chosen)
    level = logging.WARNING if conclusion.outcome == "beaten" else logging.INFO
    log.log(level, " ".join(filter(None, (conclusion.headline, conclusion.advice))))


def _points(behind: Interval) -> str:
    return f"{100 * behind.value:.1f} points more (95 % interval {100 * behind.low:.1f} to {100 * behind.high:.1f})"


def _named(kind: DetectorKind) -> str:
    return f"the {NAMES[kind]}" if kind == "vae" else NAMES[kind]


def _title(kind: DetectorKind) -> str:
    named = _named(kind)
    return named if kind == "knn" else named[0].upper() + named[1:]


def _listed(kinds: Sequence[DetectorKind]) -> str:
    *first, last = (_named(kind) for kind in kinds)
    return f"{', '.join(first)} and {last}" if first else last
