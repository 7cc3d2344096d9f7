"""The columns of an Arrow stream: what its schema may be, and where a model's features stand in it."""

from collections import Counter
from dataclasses import dataclass
from functools import lru_cache

import pyarrow as pa

from model.features import MAX_FEATURES, FeatureSpec
from model.quoting import quoted
from service.errors import StructureError, UnreadableBodyError
from service.formats.arrow_messages import (
    BYTE,
    METADATA_BYTES,
    SHORT,
    ArrowMessage,
    arrow_messages,
    metadata_bytes,
    metadata_keys,
)
from service.formats.flat_table import FlatTable
from service.sample_faults import missing_and_unknown
from service.wording import listed, shown

ID = "id"
MOST_COLUMNS = MAX_FEATURES + 1
# Clients repeat their schema with every request, and reading it takes longer than reading what follows.
KEPT_SCHEMAS, KEPT_BYTES = 16, 64 << 10
NAME_BYTES = 1 << 10  # of what stands in a list
EXTENSION = b"ARROW:extension:name"

# The numbers of fields in Arrow's Schema.fbs: of a schema, and of a column.
_ENDIANNESS, _COLUMNS, _SCHEMA_METADATA = 0, 1, 2
_NAME, _TYPE, _DICTIONARY, _CHILDREN, _METADATA = 0, 2, 4, 5, 6
# The numbers of types there. A list is of fixed size.
_NUMERIC, _TEXT, _LIST = {1, 2, 3, 7}, {5, 20, 24}, 16
_KINDS = {4: "binary", 6: "booleans", 8: "dates", 9: "times", 10: "timestamps", 12: "lists", 13: "structs", 16: "lists"}


@dataclass(frozen=True)
class ArrowColumns:
    """A schema that was looked at; the place of each column by its name, and how many steps its lists of numbers have.

    ``steps`` is None of plain numbers and -1 of what holds no numbers. ``is_matrix``: all features have one type, of floating point.
    """

    schema: pa.Schema
    places: dict[str, int]
    steps: dict[str, int | None]
    is_matrix: bool

    def features(self, spec: FeatureSpec, steps: int | None) -> list[int | None]:
        """Return the place of each feature, None where it is absent and may be.

        Raises:
            StructureError: other columns than the model's, or of types that its features do not have.
        """
        order = [self.places.get(name) for name in spec.names]
        named = len(self.places) - (ID in self.places and ID not in spec.names)
        absent = order.count(None)
        if named != len(order) - absent or (absent and (steps is not None or not spec.most_absent)):
            found = [name for name in self.places if name != ID or ID in spec.names]
            raise StructureError(
                "the columns do not fit the model's features: expected columns with the names "
                f"{listed(spec.names)}, found {missing_and_unknown(spec.names, found)}"
            )
        for name in spec.names:
            if self.steps.get(name, steps) != steps:
                expected = "numbers" if steps is None else f"fixed-size lists of {steps} numbers, oldest first"
                found_kind = self.schema.field(self.places[name]).type
                raise StructureError(f"column {shown(name)} must hold {expected}, found {found_kind}")
        return order

    def ids(self, spec: FeatureSpec) -> int | None:
        """Return the place of the column with the samples' ids, if there is one."""
        place = None if ID in spec.names else self.places.get(ID)
        if place is not None:
            kind = self.schema.field(place).type
            if not (pa.types.is_integer(kind) or _is_text(kind)):
                raise StructureError(f"column '{ID}' must hold strings or integers, found {kind}")
        return place


def _is_text(kind: pa.DataType) -> bool:
    return kind in (pa.string(), pa.large_string(), pa.string_view())


def _steps(kind: pa.DataType) -> int | None:
    if pa.types.is_fixed_size_list(kind):
        return kind.list_size if _is_numeric(kind.value_type) else -1
    return None if _is_numeric(kind) else -1


def _is_numeric(kind: pa.DataType) -> bool:
    if pa.types.is_decimal(kind):
        return bool(0 <= kind.scale <= kind.precision)
    return bool(pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_null(kind))


def read_columns(message: ArrowMessage) -> ArrowColumns:
    """Read the columns that a schema announces.

    Raises:
        UnreadableBodyError: it is no schema.
        StructureError: columns of types that hold neither numbers nor ids, or too many of them.
    """
    raw = bytes(message.raw)
    return _read_columns(raw) if len(raw) <= KEPT_BYTES else _read_columns.__wrapped__(raw)


@lru_cache(KEPT_SCHEMAS)
def _read_columns(raw: bytes) -> ArrowColumns:
    names = _names(next(arrow_messages(raw)).header)
    try:
        schema = pa.ipc.read_schema(pa.py_buffer(raw))
    except (pa.ArrowException, OSError) as error:
        raise UnreadableBodyError(f"the body is no Arrow stream: {quoted(str(error))}") from error
    places = {name: place for place, name in enumerate(names)}
    kinds = {column.type for column in schema if column.name != ID}
    steps = {name: _steps(kind) for name, kind in zip(names, schema.types, strict=True)}
    return ArrowColumns(schema, places, steps, kinds in ({pa.float64()}, {pa.float32()}))


def _names(schema: FlatTable) -> list[str]:
    """Read the columns' names, and see that the schema is for Arrow's reader: of few kinds, and no larger than it looks."""
    if schema.number(_ENDIANNESS, SHORT):
        raise StructureError("an Arrow stream must be little-endian")
    if schema.count(_COLUMNS) > MOST_COLUMNS:
        raise StructureError(f"a model has {MAX_FEATURES:,} features at most, found {schema.count(_COLUMNS):,} columns")
    announced = metadata_bytes(schema, _SCHEMA_METADATA)
    names: Counter[str] = Counter()
    for column in schema.tables(_COLUMNS):
        announced += _announced(column)
        if announced > METADATA_BYTES:
            raise StructureError(f"an Arrow stream may have {METADATA_BYTES:,} bytes of metadata, found more")
        try:
            name = column.text(_NAME).decode()
        except UnicodeDecodeError as error:
            raise UnreadableBodyError(f"the body is no Arrow stream: a column's name is not UTF-8: {error}") from error
        _check_kind(column, name)
        names[name] += 1
    repeated = [name for name, count in names.items() if count > 1]
    if repeated:
        raise StructureError(f"each column may be there once, found {listed(repeated)} more than once")
    return [*names]


def _announced(column: FlatTable) -> int:
    """Return how many bytes a column says of itself."""
    return column.count(_NAME) + metadata_bytes(column, _METADATA)


def _check_kind(column: FlatTable, name: str) -> None:
    kind, children = column.number(_TYPE, BYTE), column.count(_CHILDREN)
    if kind == _LIST and children == 1:
        (child,) = column.tables(_CHILDREN)
        _check_plain(child, name)
        kind, children = child.number(_TYPE, BYTE), child.count(_CHILDREN)
        if _announced(child) > NAME_BYTES:
            raise StructureError(f"column {shown(name)} must hold fixed-size lists of numbers, found more than that")
        if kind not in _NUMERIC:
            raise StructureError(f"column {shown(name)} must hold fixed-size lists of numbers, found lists of others")
    _check_plain(column, name)
    if kind not in (*_NUMERIC, *_TEXT) or children:
        raise StructureError(
            f"column {shown(name)} must hold numbers, fixed-size lists of numbers, or ids, found {_KINDS.get(kind, 'another type')}"
        )


def _check_plain(column: FlatTable, name: str) -> None:
    if column.table(_DICTIONARY) is not None:
        raise StructureError(f"column {shown(name)} must not be dictionary-encoded")
    if any(key == EXTENSION for key in metadata_keys(column, _METADATA)):
        raise StructureError(f"column {shown(name)} must not be of an extension type")
