"""The list of suspects as it comes back: marked by an expert, and by whatever the spreadsheet did to it."""

import codecs
import csv
import io
import re
from dataclasses import dataclass
from pathlib import Path

from model.errors import InputError
from model.quoting import quoted, quoted_list
from training.suspects.csv_file import KEY, MARK, column_names
from training.suspects.row_key import DIGITS

MAX_BYTES = 256 << 20
DELIMITERS = (",", ";", "\t")
SEPARATOR = {f"sep={delimiter}".strip(",;\t") for delimiter in DELIMITERS}  # a line by which some spreadsheets tell it
MARKED, UNMARKED = {"x", "1", "1.0", "1,0", "yes", "y", "true"}, {"", "0", "0.0", "0,0", "no", "n", "false"}
_KEY = re.compile(rf"r[0-9a-f]{{{DIGITS}}}")


@dataclass(frozen=True)
class Mark:
    """One marked line: ``where`` it stands in the file, and the ``key`` of the clean row it is about."""

    where: str
    key: str


def read_marks(file: Path, features: tuple[str, ...]) -> list[Mark]:
    """Read which rows of data with ``features`` an expert marked in ``file``.

    Delimiters, encodings, number formats, blank lines and the order of lines and columns are as spreadsheets leave them;
    only the marks and the keys count.

    Raises:
        InputError: the file is not a list of suspects of this data, or a mark is not to be understood; names the line.
    """
    names, lines = _records(file)
    _check_columns(file, names, features)
    mark_at, key_at = names.index(MARK), names.index(KEY)
    seen: dict[str, tuple[str, bool]] = {}
    marks = []
    for number, cells in lines:
        where = f"{file} line {number}"
        if any(cells[len(names) :]):
            raise InputError(f"{where}: expected {len(names)} cells, found {len(cells)}")
        cells += [""] * (len(names) - len(cells))
        key, marked = _key(where, cells[key_at]), _marked(where, cells[mark_at])
        if key in seen and seen[key][1] != marked:
            raise InputError(
                f"{where}: the same values as in {seen[key][0]}, but only one of them is marked; mark both or neither"
            )
        if key not in seen and marked:
            marks.append(Mark(where, key))
        seen.setdefault(key, (f"line {number}", marked))
    if not marks:
        raise InputError(f"{file}: no row is marked; put an x into column '{MARK}' of each row to leave out")
    return marks


def _records(file: Path) -> tuple[list[str], list[tuple[int, list[str]]]]:
    """Return the column names, and each further line's number and cells."""
    text = _text(file)
    try:
        readings = [_split(text, delimiter) for delimiter in DELIMITERS]
    except csv.Error as error:
        raise InputError(f"{file}: not a readable CSV file: {error}") from error
    # A feature may be called by more semicolons than there are commas in the header: the columns that must be there tell.
    names, lines = next(
        (one for one in readings if {MARK, KEY} <= set(one[0])), max(readings, key=lambda one: len(one[0]))
    )
    while names and not names[-1]:
        names.pop()  # spreadsheets keep columns that were emptied
    return names, lines


def _split(text: str, delimiter: str) -> tuple[list[str], list[tuple[int, list[str]]]]:
    """Split ``text`` into the cells of its first line that holds any, and each further line's number and cells."""
    cells = [[cell.strip() for cell in line] for line in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)]
    lines = [(number, line) for number, line in enumerate(cells, start=1) if any(line) and line[0] not in SEPARATOR]
    return (lines[0][1], lines[1:]) if lines else ([], [])


def _text(file: Path) -> str:
    try:
        with file.open("rb") as opened:
            content = opened.read(MAX_BYTES + 1)
    except FileNotFoundError as error:
        raise InputError(f"{file}: no such file") from error
    except OSError as error:
        raise InputError(f"{file}: cannot be read: {error.strerror}") from error
    if len(content) > MAX_BYTES:
        raise InputError(f"{file}: expected a list of suspects, found more than {MAX_BYTES:,} bytes")
    if content.startswith(b"PK"):
        raise InputError(f"{file}: expected CSV, found a spreadsheet's own format; save it as CSV")
    for encoding in ("utf-16",) if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) else ("utf-8-sig",):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            break
    return content.decode("latin-1")  # an old code page: what counts is ASCII in all of them


def _check_columns(file: Path, names: list[str], features: tuple[str, ...]) -> None:
    for name in (MARK, KEY):
        if name not in names:
            raise InputError(
                f"{file}: expected the suspects.csv of a training run, with a column '{name}', found {quoted_list(names) or 'nothing'}"
            )
    known = {_plain(name) for name in column_names(features)}
    unknown = [name for name in names if _plain(name) not in known]
    if unknown:
        raise InputError(
            f"{file}: column {quoted(unknown[0])} is neither of a list of suspects nor a feature of this data; "
            "expected the suspects.csv of a training run on the same features"
        )
    repeated = next((name for name in names if names.count(name) > 1), None)
    if repeated is not None:
        raise InputError(f"{file}: column {quoted(repeated)} is there more than once")


def _plain(name: str) -> str:
    """Give ``name`` as it looks whatever code page it went through."""
    return "".join(letter if letter.isascii() else "?" for letter in name.strip())


def _key(where: str, cell: str) -> str:
    if not _KEY.fullmatch(cell):
        raise InputError(
            f"{where}: '{KEY}' is {quoted(cell)}, expected what the list of suspects had there, r and {DIGITS} digits"
        )
    return cell


def _marked(where: str, cell: str) -> bool:
    if cell.lower() in MARKED:
        return True
    if cell.lower() in UNMARKED:
        return False
    raise InputError(
        f"{where}: '{MARK}' is {quoted(cell)}, expected x, 1 or yes to leave the row out, or nothing to keep it"
    )
