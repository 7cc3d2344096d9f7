"""What reading the data left out, moved or found odd."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class DataNotes:
    """What reading the data left out, and why.

    ``rejections`` are the first few sentences about the ``rejected_rows``, ``missing_values`` counts by column,
    ``incomplete_rows`` were left out because of them, ``reordered_rows`` stood out of time order and were moved to
    their place, ``repeated_rows`` equal an earlier row exactly, ``dropped_columns`` maps a column to the reason, ``excluded_rows`` were marked
    in the files ``excluded_by``. ``remarks`` are sentences about what else was found.
    """

    rejected_rows: int = 0
    rejections: tuple[str, ...] = ()
    missing_values: Mapping[str, int] = field(default_factory=dict)
    incomplete_rows: int = 0
    reordered_rows: int = 0
    dropped_columns: Mapping[str, str] = field(default_factory=dict)
    repeated_rows: int = 0
    excluded_rows: int = 0
    excluded_by: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()
