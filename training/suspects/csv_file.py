"""The list of suspects as a CSV file: for a spreadsheet, where an expert marks what to leave out."""

import csv
import io

import numpy as np
from numpy.typing import NDArray

from model.features import FeatureSpec
from training.clean_data import CleanData
from training.suspects.row_key import row_keys
from training.suspects.suspect import CAUSES, Suspects

SUSPECTS = "report/suspects.csv"
MARK, KEY = "exclude", "key"
VALUE = "value of "  # before a feature's name: no feature is called like another column, and no heading is a formula
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def column_names(features: tuple[str, ...]) -> list[str]:
    """Name the columns of the list for data with ``features``."""
    placed = [MARK, "rank", "source", "row", "group", "by chance", "stands out", "found by"]
    causes = [f"{what} {rank}" for rank in range(1, CAUSES + 1) for what in ("feature", "observed", "expected", "unit")]
    return [*placed, *causes, KEY, *(VALUE + name for name in features)]


def suspects_csv(suspects: Suspects, clean: CleanData) -> bytes:
    """Write ``suspects``, the strangest first, with every value that the row has.

    UTF-8 with a byte order mark, by which spreadsheets know it. Text that came with the data cannot act as a formula
    (OWASP, CSV Injection): it gets an apostrophe in front.
    """
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(column_names(clean.spec.names))
    rows = clean.values[[suspect.row for suspect in suspects.listed]]
    keys = row_keys(rows, clean.spec.names)
    for rank, (suspect, values) in enumerate(zip(suspects.listed, rows, strict=True), start=1):
        source, _, number = clean.place[suspect.row].rpartition(" row ")
        group = "" if clean.group is None else str(clean.group[suspect.row])
        cells: list[object] = ["", rank, harmless(source), number, harmless(group)]
        cells += [f"{suspect.by_chance:.3g}", "yes" if rank <= suspects.beyond_chance else "no", suspect.eye]
        cells += _causes(clean.spec, suspect.causes, values, suspect.expected)
        writer.writerow([*cells, keys[rank - 1], *(repr(value) for value in values.tolist())])
    return out.getvalue().encode("utf-8-sig")


def harmless(text: str) -> str:
    """Give ``text`` as a cell that no spreadsheet computes."""
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


def _causes(
    spec: FeatureSpec, causes: tuple[int, ...], observed: NDArray[np.float64], expected: NDArray[np.float64]
) -> list[str]:
    cells = []
    for index in causes:
        feature = spec.features[index]
        cells += [
            harmless(feature.name),
            repr(float(observed[index])),
            f"{expected[index]:.6g}",
            harmless(feature.unit),
        ]
    return cells + [""] * (4 * CAUSES - len(cells))
