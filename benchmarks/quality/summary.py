"""Results put together: means over seeds for each set, then over sets."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from statistics import fmean, stdev
from typing import Literal

from benchmarks.quality.protocol import Variant
from benchmarks.quality.results_file import Result

Figure = Literal["auroc", "average_precision", "detection_rate"]


@dataclass(frozen=True)
class Summary:
    """All results, by set, variant and method, in the order of their seeds. Figures come in percent."""

    results: Mapping[tuple[str, Variant, str], tuple[Result, ...]]

    @classmethod
    def of(cls, results: Iterable[Result]) -> "Summary":
        groups: dict[tuple[str, Variant, str], list[Result]] = {}
        for result in sorted(results, key=lambda one: one.seed):
            groups.setdefault((result.name, result.variant, result.method), []).append(result)
        return cls({key: tuple(group) for key, group in groups.items()})

    def over_seeds(self, name: str, variant: Variant, method: str, figure: Figure) -> tuple[float, ...]:
        """Return the figure under each seed."""
        found = self.results.get((name, variant, method), ())
        return tuple(100 * float(getattr(result.measures, figure)) for result in found)

    def mean(self, name: str, variant: Variant, method: str, figure: Figure) -> float | None:
        found = self.over_seeds(name, variant, method, figure)
        return fmean(found) if found else None

    def spread(self, name: str, variant: Variant, method: str, figure: Figure) -> float | None:
        """Return the standard deviation over seeds, of two or more."""
        found = self.over_seeds(name, variant, method, figure)
        return stdev(found) if len(found) > 1 else None

    def training_seconds(self, method: str) -> dict[str, tuple[float, float]]:
        """Return the longest wall-clock and processor time that one training of each set took."""
        longest: dict[str, tuple[float, float]] = {}
        for (name, _, of), results in self.results.items():
            if of == method:
                wall, cpu = longest.get(name, (0.0, 0.0))
                longest[name] = (
                    max(wall, *(result.seconds for result in results)),
                    max(cpu, *(result.cpu_seconds for result in results)),
                )
        return longest


def mean_of(figures: Iterable[float | None]) -> float | None:
    """Return the mean; None where a figure is missing, for a mean over other sets cannot be compared."""
    found = list(figures)
    present = [figure for figure in found if figure is not None]
    return fmean(present) if found and len(present) == len(found) else None
