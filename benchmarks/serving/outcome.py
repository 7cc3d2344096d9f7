"""What came of one server: every round, and medians over them."""

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from benchmarks.serving.figures import Figures, Name, median_figures, median_ratio
from benchmarks.serving.kinds import Kind, Point


@dataclass(frozen=True)
class Round:
    """One server in one round: seconds from start to ready, MiB resident after the load, and every point."""

    start_seconds: float
    resident_mib: float
    figures: Mapping[Point, Figures]


@dataclass(frozen=True)
class MeasuredPoint:
    """One point: the medians over rounds, and the rounds."""

    point: Point
    figures: Figures
    rounds: tuple[Figures, ...]


@dataclass(frozen=True)
class Outcome:
    """One server, medians over rounds."""

    name: str
    start_seconds: float
    resident_mib: float
    points: tuple[MeasuredPoint, ...]

    def at(self, kind: Kind, connections: int) -> MeasuredPoint | None:
        """Give what was measured at one point, or None where the server does not take that kind."""
        return next((one for one in self.points if one.point == Point(kind, connections)), None)

    def ratio(self, other: "Outcome | None", kind: Kind, connections: int, name: Name) -> float | None:
        """Give one figure of this server to the other's, or None where one of them has none."""
        ours, theirs = self.at(kind, connections), other and other.at(kind, connections)
        return median_ratio(ours.rounds, theirs.rounds, name) if ours and theirs else None


def over_rounds(name: str, rounds: Sequence[Round]) -> Outcome:
    """Take the medians over ``rounds``, all of the same points."""
    return Outcome(
        name=name,
        start_seconds=statistics.median(one.start_seconds for one in rounds),
        resident_mib=statistics.median(one.resident_mib for one in rounds),
        points=tuple(_measured(point, [one.figures[point] for one in rounds]) for point in rounds[0].figures),
    )


def _measured(point: Point, rounds: Sequence[Figures]) -> MeasuredPoint:
    return MeasuredPoint(point, median_figures(rounds), tuple(rounds))
