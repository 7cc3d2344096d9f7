"""A block of consecutive records of one file, and the numbers in it. n: records, F: the columns asked for."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from model.errors import InputError
from model.quoting import quoted
from model.tables.sources import Source
from model.validity import NOT_A_NUMBER, reason

MISSING_SPELLINGS = pa.array(["", "na", "n/a", "#n/a", "nan", "-nan", "null", "none"], pa.large_string())
_BLOCK_CELLS, _BLOCK_ROWS = 1 << 19, 1 << 16


@dataclass(frozen=True)
class Rows:
    """Records ``first_row`` (counted from 1), ``first_row + 1``, ... of ``source``.

    ``columns`` holds every column of the file: text from CSV, the file's own types from Parquet. A record that could
    not be read stands in its place as a row of nulls, and ``rejects`` says why, by position in this block.
    """

    source: Source
    first_row: int
    columns: pa.RecordBatch
    rejects: Mapping[int, str] = field(default_factory=dict)
    decimal_mark: str = "."

    def __len__(self) -> int:
        return int(self.columns.num_rows)

    def numbers(self, names: Sequence[str]) -> tuple[NDArray[np.float64], dict[int, str]]:
        """Return columns ``names`` as float64 [n, F], and why the rows that hold anything else cannot be read.

        A cell that is null, empty or spells out that it is missing becomes NaN. So does a cell that is no number, and
        its row is listed, as is a row that could not be read at all.

        Raises:
            InputError: a CSV cell that should be a number holds lines of text: a stray quote has swallowed records.
        """
        x = np.empty((len(self), len(names)))
        unreadable: dict[int, str] = {}
        for index, name in enumerate(names):
            cells = self.columns.column(name)
            x[:, index], bad = _to_float(cells, self.decimal_mark)
            for row in bad:
                self._refuse_lines(name, int(row), cells[int(row)].as_py())
                unreadable.setdefault(int(row), _not_a_number(name, cells[int(row)].as_py()))
        return x, {**unreadable, **self.rejects}

    def _refuse_lines(self, name: str, row: int, found: object) -> None:
        if self.source.extension == ".csv" and isinstance(found, str) and len(found.splitlines()) > 1:
            raise InputError(
                f"{self.source}: row {self.first_row + row}: '{name}' runs over {len(found.splitlines()):,} lines, "
                "expected a number; a quote is not closed, or the column holds text"
            )


def block_rows(columns: int) -> int:
    """Say how many rows a block of so many columns may hold: a few megabytes' worth."""
    return max(1, min(_BLOCK_ROWS, _BLOCK_CELLS // max(columns, 1)))


def _to_float(cells: pa.Array, decimal_mark: str) -> tuple[NDArray[np.float64], NDArray[np.intp]]:
    """Convert ``cells`` and find the positions of those that are neither numbers nor missing."""
    if pa.types.is_dictionary(cells.type):
        cells = cells.dictionary_decode()
    kind = cells.type
    if pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind):
        return _parse(cells.cast(pa.large_string()), decimal_mark)
    if any(is_number(kind) for is_number in (pa.types.is_floating, pa.types.is_integer, pa.types.is_decimal)):
        return _numpy(cells.cast(pa.float64(), safe=False)), np.empty(0, dtype=np.intp)
    return np.full(len(cells), np.nan), np.flatnonzero(cells.is_valid().to_numpy(zero_copy_only=False))


def _parse(cells: pa.Array, decimal_mark: str) -> tuple[NDArray[np.float64], NDArray[np.intp]]:
    empty = pc.equal(cells, "")
    filled = pc.if_else(empty, None, cells) if pc.any(empty).as_py() else cells
    pointed = filled if decimal_mark == "." else pc.replace_substring(filled, decimal_mark, ".")
    if decimal_mark == "." or not pc.any(pc.match_substring(filled, ".")).as_py():
        try:
            return _numpy(pointed.cast(pa.float64())), np.empty(0, dtype=np.intp)
        except pa.ArrowInvalid:
            pass  # some cell is no plain number; find out which
    text = pc.utf8_trim_whitespace(filled)
    mark = re.escape(decimal_mark)
    number = rf"^[+-]?(\d+{mark}?\d*|{mark}\d+)([eE][+-]?\d+)?$|^[+-]?(?i:inf|infinity)$"
    is_number = pc.match_substring_regex(text, number)
    plain = pc.replace_substring(pc.if_else(is_number, text, None), decimal_mark, ".")
    missing = pc.is_in(pc.utf8_lower(text), MISSING_SPELLINGS)
    bad = pc.fill_null(pc.invert(pc.or_(is_number, missing)), False)
    return _numpy(plain.cast(pa.float64())), np.flatnonzero(bad.to_numpy(zero_copy_only=False))


def _numpy(numbers: pa.Array) -> NDArray[np.float64]:
    """Give float64 with NaN for null."""
    return np.asarray(numbers.to_numpy(zero_copy_only=False), dtype=np.float64)


def _not_a_number(name: str, found: object) -> str:
    shown = quoted(found if isinstance(found, str | bool) else str(found))
    return reason(NOT_A_NUMBER, f"'{name}' is {shown}, expected a number")
