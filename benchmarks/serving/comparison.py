"""Plumbline and its rivals, measured and shown."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.errors import MeasurementError
from benchmarks.serving.contender import Missing
from benchmarks.serving.contenders import PLUMBLINE, plumbline_with, rivals_with
from benchmarks.serving.outcome import Outcome
from benchmarks.serving.race import Plan, race
from benchmarks.serving.rivals import Rival
from benchmarks.serving.wrk import require_wrk


@dataclass(frozen=True)
class Comparison:
    """What came of every server, Plumbline first, and what has no figures."""

    plan: Plan
    outcomes: tuple[Outcome, ...]
    missing: tuple[Missing, ...]


def compare(
    bundles: Mapping[str, Path], rivals: Sequence[Rival], environments: Path, plan: Plan, folder: Path
) -> Comparison:
    """Measure Plumbline with ``bundles``, by the name of the row, and ``rivals`` with the graph of the first one.

    Raises:
        InputError: wrk is not installed.
        MeasurementError: the samples of a bundle cannot be sent.
    """
    require_wrk()
    ours = [plumbline_with(bundle, folder / "models" / name, name) for name, bundle in bundles.items()]
    theirs, absent = rivals_with(next(iter(bundles.values())), folder / "rivals", environments, rivals)
    outcomes, failed = race([*ours, *theirs], plan, folder / "race")
    return Comparison(plan, tuple(outcomes), (*absent, *failed))


def own(comparison: Comparison) -> Outcome:
    """Give what came of Plumbline with the graph that the rivals serve.

    Raises:
        MeasurementError: it did not start, gave wrong scores or answered with an error.
    """
    for one in comparison.outcomes:
        if one.name == PLUMBLINE:
            return one
    raise MeasurementError(next(f"{one.name}: {one.reason}" for one in comparison.missing if one.name == PLUMBLINE))
