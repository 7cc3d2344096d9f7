"""Figures that others published: ``published/adbench_one_class_auroc.csv``, a line for each set, a column for each method."""

import csv
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from model.errors import InputError

FILE = "published/adbench_one_class_auroc.csv"
SHOWN = ("VAE", "PCA", "KNN", "LOF", "DTE-NP")


@dataclass(frozen=True)
class Published:
    """AUROC in percent: by set, then by method."""

    auroc: Mapping[str, Mapping[str, float]]

    def of(self, name: str, method: str) -> float | None:
        return self.auroc.get(name, {}).get(method)

    def best(self, name: str) -> tuple[float, str] | None:
        """Return the highest figure of a set, and the method that has it."""
        figures = self.auroc.get(name)
        return max((figure, method) for method, figure in figures.items()) if figures else None

    def best_single(self, names: Iterable[str]) -> tuple[float, str] | None:
        """Return the highest mean over ``names`` of all methods that have a figure for each of them."""
        chosen = list(names)
        if not chosen or not all(name in self.auroc for name in chosen):
            return None
        methods = set.intersection(*(set(self.auroc[name]) for name in chosen))
        means = [(sum(self.auroc[name][method] for name in chosen) / len(chosen), method) for method in methods]
        return max(means, default=None)


def read_published(data: Path) -> Published:
    """Read the published figures, none where there is no such file; a line of means is left out.

    Raises:
        InputError: the file has no column of sets, or a field that is no number.
    """
    file, figures = data / FILE, dict[str, dict[str, float]]()
    if not file.exists():
        return Published({})
    with file.open(newline="", encoding="utf-8") as lines:
        for line, row in enumerate(csv.DictReader(lines), start=2):
            name = row.pop("dataset", None)
            if name is None:
                raise InputError(f"{file}: expected a column named dataset, found {', '.join(row)}")
            if name != "MEAN":
                figures[name] = {
                    method: _number(figure, f"{file}: line {line}, {method}")
                    for method, figure in row.items()
                    if figure
                }
    return Published(figures)


def _number(text: str, place: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not 0 <= number <= 100:
        raise InputError(f"{place}: expected an AUROC in percent, found {text!r}")
    return number
