"""Bare floats are the samples that their headers announce, or are refused in a sentence."""

import re
import struct
import warnings

import numpy as np
import pytest

from model.features import FeatureSpec
from service.errors import RequestError, StructureError, TooManySamplesError, UnreadableBodyError
from service.formats.raw_floats import read_floats
from service.limits import Limits
from tests.samples import FEATURES

SPEC = FeatureSpec(features=FEATURES)
ROWS = np.arange(12.0).reshape(3, 4) / 3


def headers(shape: str | None = "3,4", dtype: str | None = "float64") -> list[tuple[bytes, bytes]]:
    named = {b"x-plumbline-shape": shape, b"x-plumbline-dtype": dtype}
    return [(name, value.encode()) for name, value in named.items() if value is not None]


def refusal(
    body: bytes, shape: str | None = "3,4", dtype: str | None = "float64", steps: int | None = None
) -> RequestError:
    with pytest.raises(RequestError) as refused:
        read_floats(body, headers(shape, dtype), SPEC, Limits(samples=5), steps)
    return refused.value


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_floats_are_samples(dtype: str) -> None:
    raw = ROWS.astype(dtype).astype(f"<f{4 if dtype == 'float32' else 8}").tobytes()
    x = read_floats(raw, headers(dtype=dtype), SPEC, Limits())
    assert x.tobytes() == ROWS.astype(dtype).astype(np.float64).tobytes()
    assert x.shape == (3, 4)
    assert x.dtype == np.float64


def test_floats_are_windows_of_as_many_steps_as_the_model_takes() -> None:
    windows = np.arange(24.0).reshape(3, 2, 4)
    assert read_floats(windows.tobytes(), headers("3, 2, 4"), SPEC, Limits(), 2).tolist() == windows.tolist()


def test_what_is_no_number_is_absent_and_what_is_infinite_stays_so() -> None:
    signalling = struct.pack("<I", 0x7F800001)
    body = struct.pack("<3f", np.nan, np.inf, -np.inf) + signalling
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        x = read_floats(body, headers("1,4", "float32"), SPEC, Limits())
    np.testing.assert_array_equal(x, [[np.nan, np.inf, -np.inf, np.nan]])


@pytest.mark.parametrize(
    "shape",
    [
        None,
        "",
        "12",
        "3,4,1",
        "3,5",
        "0,4",
        "-3,4",
        "3,",
        "3,4,",
        "3;4",
        "3 4",
        "1_2,4",
        "\u0663,4",
        "3.0,4",
        "+3,4",
        "9" * 5000,
    ],
)
def test_another_shape_is_refused(shape: str | None) -> None:
    refused = refusal(ROWS.tobytes(), shape)
    assert isinstance(refused, StructureError)
    expected = (
        r"X-Plumbline-Shape must give the numbers of samples, features: B,4 with B of at least 1, found \".{0,43}\"?$"
    )
    assert re.fullmatch(expected, str(refused)), str(refused)


def test_a_shape_of_rows_is_refused_for_windows() -> None:
    said = str(refusal(ROWS.tobytes(), "3,4", steps=2))
    assert (
        said
        == 'X-Plumbline-Shape must give the numbers of samples, steps, features: B,2,4 with B of at least 1, found "3,4"'
    )


@pytest.mark.parametrize("dtype", [None, "", "float", "float16", "<f8", "Float64", "float64 "])
def test_another_type_is_refused(dtype: str | None) -> None:
    refused = refusal(ROWS.tobytes(), dtype=dtype)
    assert isinstance(refused, StructureError)
    assert "X-Plumbline-Dtype must say whether the body of type application/octet-stream is float32 or float64" in str(
        refused
    )


@pytest.mark.parametrize("body", [b"", ROWS.tobytes()[:-1], ROWS.tobytes() + b"\x00", ROWS.astype("<f4").tobytes()])
def test_another_length_than_was_announced_is_refused(body: bytes) -> None:
    refused = refusal(body)
    assert isinstance(refused, UnreadableBodyError)
    assert str(refused) == f"3 x 4 values of float64 are 96 bytes, found {len(body)}"


def test_more_samples_than_may_be_are_refused_by_what_is_announced() -> None:
    refused = refusal(b"", "999999999,4")
    assert isinstance(refused, TooManySamplesError)
    assert refused.details == {"max_samples": 5}
