"""Arrow streams become the samples that JSON would have brought."""

import json
import re
import warnings
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from model.features import Feature, FeatureSpec
from service.errors import RequestError, StructureError, TooManySamplesError, UnreadableBodyError
from service.formats.arrow_rows import MOST_BATCHES, read_arrow
from service.limits import Limits
from tests.samples import FEATURES, clean_rows
from tests.service.formats.arrow_streams import columns, stream

SPEC = FeatureSpec(features=FEATURES)
SPARSE = FeatureSpec(features=FEATURES, most_absent=2)
PRESS = FeatureSpec(features=(Feature(name="force"), Feature(name="travel")))
NAMES = SPEC.names
ROWS = clean_rows(50)


def by_name(rows: Any = ROWS, kind: pa.DataType | None = None) -> dict[str, Any]:
    return {name: pa.array(rows[:, place], kind) for place, name in enumerate(NAMES)}


def refusal(
    body: bytes, spec: FeatureSpec = SPEC, limits: Limits | None = None, steps: int | None = None
) -> RequestError:
    with pytest.raises(RequestError) as refused:
        read_arrow(body, spec, limits or Limits(), steps)
    return refused.value


def test_columns_are_found_by_name_in_any_order() -> None:
    found = read_arrow(columns(dict(reversed(by_name().items()))), SPEC, Limits())
    assert found.x.tobytes() == ROWS.tobytes()
    assert found.x.dtype == np.float64
    assert found.x.flags.c_contiguous
    assert found.ids == [None] * 50


@pytest.mark.parametrize("kind", "int8 int16 int32 int64 uint8 uint16 uint32 uint64 float16 float32 float64".split())
def test_numbers_of_any_type_are_taken(kind: str) -> None:
    rows = np.arange(12).reshape(3, 4).astype(kind)
    for extra in ({}, {"id": ["a", "b", "c"]}):
        found = read_arrow(columns(by_name(rows) | extra), SPEC, Limits())
        assert found.x.tobytes() == rows.astype(np.float64).tobytes()


def test_types_may_differ_from_column_to_column() -> None:
    body = columns(
        {
            "pressure": pa.array([8, None], pa.uint8()),
            "flow": pa.array([Decimal("120.125"), None], pa.decimal128(9, 3)),
            "temperature": pa.nulls(2),
            "current": pa.array([11.5, 12.5], pa.float32()),
        }
    )
    expected = [[8, 120.125, np.nan, 11.5], [np.nan, np.nan, np.nan, 12.5]]
    np.testing.assert_array_equal(read_arrow(body, SPEC, Limits()).x, expected)


def test_integers_beyond_what_floats_hold_are_rounded_as_json_rounds_them() -> None:
    large = [2**53 + 1, 2**63 - 1, -(2**63), 2**62 + 2**9]
    expected = [float(value) for value in large]
    for values in (large, [*large[:3], None]):
        body = columns({name: pa.array([value], pa.int64()) for name, value in zip(NAMES, values, strict=True)})
        np.testing.assert_array_equal(read_arrow(body, SPEC, Limits()).x[0, :3], expected[:3])
    body = columns({name: pa.array([2**64 - 1], pa.uint64()) for name in NAMES})
    assert (read_arrow(body, SPEC, Limits()).x == 2.0**64).all()


@pytest.mark.parametrize("kind", [pa.float64(), pa.float32(), pa.int32()])
def test_null_and_nan_are_an_absent_value(kind: pa.DataType) -> None:
    values = by_name(np.ones((3, 4)), kind)
    values["flow"] = pa.array([1, None, 2], kind)
    x = read_arrow(columns(values), SPEC, Limits()).x
    assert np.isnan(x).tolist() == [[False] * 4, [False, True, False, False], [False] * 4]


@pytest.mark.parametrize("others", [{}, {"id": ["a"]}])
def test_a_signalling_nan_is_absent_without_a_word(others: dict[str, Any]) -> None:
    signalling = pa.Array.from_buffers(pa.float32(), 1, [None, pa.py_buffer(b"\x01\x00\x80\x7f")])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        x = read_arrow(columns(dict.fromkeys(NAMES, signalling) | others), SPEC, Limits()).x
    assert np.isnan(x).all()


@pytest.mark.parametrize("kind", [pa.string(), pa.large_string(), pa.string_view()])
def test_texts_are_ids(kind: pa.DataType) -> None:
    ids = ["a", "line 3, 12:00:05, a longer one", "ü"]
    body = columns(by_name(ROWS[:3]) | {"id": pa.array(ids, kind)})
    assert read_arrow(body, SPEC, Limits()).ids == ids


def test_integers_are_ids() -> None:
    body = columns(by_name(ROWS[:3]) | {"id": pa.array([7, -1, 2**63 - 1])})
    assert read_arrow(body, SPEC, Limits()).ids == [7, -1, 2**63 - 1]


def test_a_feature_may_be_called_id() -> None:
    spec = FeatureSpec(features=(Feature(name="id"), Feature(name="flow")))
    for flow in (pa.array([2.0]), pa.array([2])):
        found = read_arrow(columns({"flow": flow, "id": pa.array([7.0])}), spec, Limits())
        assert found.x.tolist() == [[7, 2]]
        assert found.ids == [None]


def test_batches_follow_each_other_and_may_be_empty() -> None:
    whole = pa.record_batch(by_name() | {"id": list(range(50))})
    parts = [whole.slice(0, 0), whole.slice(0, 7), whole.slice(7, 0), whole.slice(7, 13), whole.slice(20)]
    found = read_arrow(stream(*parts), SPEC, Limits())
    assert found.x.tobytes() == ROWS.tobytes()
    assert found.ids == list(range(50))


def test_a_stream_may_end_without_saying_so() -> None:
    body = columns(by_name())
    assert read_arrow(body[:-8], SPEC, Limits()).x.tobytes() == ROWS.tobytes()


def test_metadata_is_passed_over() -> None:
    schema = pa.schema([(name, pa.float64()) for name in NAMES]).with_metadata({"pandas": json.dumps({"a": [1] * 99})})
    schema = schema.set(0, schema.field(0).with_metadata({"PARQUET:field_id": "1"}))
    body = stream(pa.record_batch(list(by_name().values()), schema=schema))
    assert read_arrow(body, SPEC, Limits()).x.tobytes() == ROWS.tobytes()


def test_a_column_may_be_absent_where_values_may_be() -> None:
    values = by_name()
    del values["flow"]
    found = read_arrow(columns(values), SPARSE, Limits()).x
    assert np.isnan(found[:, 1]).all()
    assert found[:, [0, 2, 3]].tolist() == ROWS[:, [0, 2, 3]].tolist()


def test_windows_are_lists_of_one_length_for_each_channel() -> None:
    windows = np.arange(24.0).reshape(4, 3, 2)
    lists = {
        name: pa.FixedSizeListArray.from_arrays(pa.array(windows[:, :, place].ravel()), 3)
        for place, name in enumerate(PRESS.names)
    }
    found = read_arrow(columns(lists | {"id": pa.array([4, 3, 2, 1])}), PRESS, Limits(), 3)
    assert found.x.tobytes() == windows.tobytes()
    assert found.ids == [4, 3, 2, 1]


@pytest.mark.parametrize("kind", [pa.float64(), pa.float32(), pa.int16()])
def test_a_value_or_a_whole_list_of_a_window_may_be_null(kind: pa.DataType) -> None:
    lists = {
        "force": pa.array([[1, 2, 3], None, [4, None, 6]], pa.list_(kind, 3)),
        "travel": pa.array([[1, 2, 3]] * 3, pa.list_(kind, 3)),
    }
    x = read_arrow(columns(lists), PRESS, Limits(), 3).x
    np.testing.assert_array_equal(x[:, :, 0], [[1, 2, 3], [np.nan] * 3, [4, np.nan, 6]])
    assert x[:, :, 1].tolist() == [[1, 2, 3]] * 3


def without(name: str) -> dict[str, Any]:
    return {other: values for other, values in by_name().items() if other != name}


STRANGE = {
    "an absent column": (without("flow"), "expected columns with the names 'pressure', 'flow', .*, found no 'flow'$"),
    "an unknown column": (by_name() | {"amps": ROWS[:, 0]}, "found unknown 'amps'$"),
    "another column": (without("flow") | {"amps": ROWS[:, 0]}, "found no 'flow', unknown 'amps'$"),
    "ids alone": ({"id": [1, 2]}, "found no 'pressure', 'flow', 'temperature', 'current'$"),
    "texts": (by_name() | {"flow": ["1"] * 50}, 'column "flow" must hold numbers, found string$'),
    "booleans": (by_name() | {"flow": [True] * 50}, 'column "flow" must hold .*, found booleans$'),
    "times": (by_name() | {"flow": pa.array([1] * 50, pa.timestamp("s"))}, "found timestamps$"),
    "structs": (by_name() | {"flow": [{"a": 1}] * 50}, "found structs$"),
    "lists": (by_name() | {"flow": [[1.0]] * 50}, "found lists$"),
    "lists of one length": (
        by_name() | {"flow": pa.array([[1.0]] * 50, pa.list_(pa.float64(), 1))},
        "must hold numbers",
    ),
    "lists of texts": (by_name() | {"flow": pa.array([["a"]] * 50, pa.list_(pa.string(), 1))}, "lists of numbers"),
    "lists of lists": (
        by_name() | {"flow": pa.array([[[1.0]]] * 50, pa.list_(pa.list_(pa.float64(), 1), 1))},
        "lists of numbers",
    ),
    "a dictionary": (by_name() | {"flow": pa.array([1.0] * 50).dictionary_encode()}, "must not be dictionary-encoded"),
    "ids in a dictionary": (by_name() | {"id": pa.array(["a"] * 50).dictionary_encode()}, "not be dictionary-encoded"),
    "runs": (
        by_name() | {"flow": pa.RunEndEncodedArray.from_arrays(pa.array([50]), pa.array([1.0]))},
        "found another type$",
    ),
    "an extension": (
        by_name() | {"flow": pa.ExtensionArray.from_storage(pa.bool8(), pa.array([1] * 50, pa.int8()))},
        "must not be of an extension type",
    ),
    "an id without a value": (by_name() | {"id": [*range(49), None]}, "a value for each sample, found 1 nulls$"),
    "ids that are floats": (by_name() | {"id": ROWS[:, 0]}, "column 'id' must hold strings or integers, found double$"),
    "no columns": ({}, "found no 'pressure'"),
}


@pytest.mark.parametrize(("values", "said"), STRANGE.values(), ids=STRANGE.keys())
def test_other_columns_are_refused_in_a_sentence(values: dict[str, Any], said: str) -> None:
    refused = refusal(columns(values))
    assert isinstance(refused, StructureError)
    assert re.search(said, str(refused)), str(refused)


def test_a_decimal_with_a_scale_of_its_own_is_no_number() -> None:
    kind = pa.decimal128(3, -2)
    assert "must hold numbers" in str(refusal(columns(by_name() | {"flow": pa.nulls(50, kind)})))


def test_a_column_that_is_there_twice_is_refused() -> None:
    batch = pa.record_batch([*by_name().values(), pa.array(ROWS[:, 0])], names=[*NAMES, "flow"])
    assert "found 'flow' more than once" in str(refusal(stream(batch)))


def test_windows_of_another_length_are_refused() -> None:
    lists = {name: pa.array([[1.0, 2.0]], pa.list_(pa.float64(), 2)) for name in PRESS.names}
    said = str(refusal(columns(lists), PRESS, steps=3))
    assert said.startswith(
        'column "force" must hold fixed-size lists of 3 numbers, oldest first, found fixed_size_list'
    )


def test_rows_for_a_model_of_windows_are_refused() -> None:
    said = str(refusal(columns({name: [1.0] for name in PRESS.names}), PRESS, steps=3))
    assert "must hold fixed-size lists of 3 numbers" in said


@pytest.mark.parametrize("batches", [0, 1, 3])
def test_a_stream_without_a_sample_is_refused(batches: int) -> None:
    empty = pa.record_batch(by_name(ROWS[:0]))
    assert "at least one sample" in str(refusal(stream(*[empty] * batches, schema=empty.schema)))


def test_more_samples_than_may_be_are_refused() -> None:
    half = pa.record_batch(by_name(ROWS[:5]))
    refused = refusal(stream(half, half), limits=Limits(samples=9))
    assert isinstance(refused, TooManySamplesError)
    assert refused.details == {"max_samples": 9}


def test_more_batches_than_may_be_are_refused() -> None:
    batches = [pa.record_batch(by_name(ROWS[:0]))] * (MOST_BATCHES + 1)
    assert "1,000 batches" in str(refusal(stream(*batches)))


@pytest.mark.parametrize("compression", ["lz4", "zstd"])
def test_compressed_buffers_are_refused(compression: str) -> None:
    assert "Content-Encoding" in str(refusal(columns(by_name(), compression=compression)))


def test_a_file_is_no_stream() -> None:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_file(sink, pa.schema([])):
        pass
    assert isinstance(refusal(sink.getvalue().to_pybytes()), UnreadableBodyError)


@pytest.mark.parametrize("body", [b"", b"ARROW1", b"{}", b"\xff" * 8, b"\xff\xff\xff\xff\x00\x00\x00\x00", bytes(64)])
def test_what_is_no_stream_is_unreadable(body: bytes) -> None:
    refused = refusal(body)
    assert isinstance(refused, UnreadableBodyError)
    assert str(refused).startswith("the body is no Arrow stream: ")
