"""sketch.npy and the manifest's words about it, at odds with each other or with themselves. Every digest fits."""

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from model.errors import BundleArrayError, BundleManifestError
from tests.attacks.refusal import assert_refused, load
from tests.attacks.sealing import forged_manifest, put_sealed

SKETCH = "sketch.npy"


def npy(array: NDArray[Any]) -> bytes:
    file = io.BytesIO()
    np.save(file, array, allow_pickle=False)
    return file.getvalue()


def sketch_of(bundle: Path) -> NDArray[np.float64]:
    rows: NDArray[np.float64] = np.load(bundle / SKETCH)
    return rows


def with_value(bundle: Path, value: float) -> bytes:
    rows = sketch_of(bundle)
    rows[0, 0] = value
    return npy(rows)


SKETCHES: dict[str, Callable[[Path], bytes]] = {
    "empty": lambda _: b"",
    "one row too few": lambda bundle: npy(sketch_of(bundle)[:-1]),
    "one row too many": lambda bundle: npy(np.vstack([sketch_of(bundle), sketch_of(bundle)[:1]])),
    "one feature too few": lambda bundle: npy(np.ascontiguousarray(sketch_of(bundle)[:, 1:])),
    "a line of numbers": lambda bundle: npy(sketch_of(bundle).ravel()),
    "float32": lambda bundle: npy(sketch_of(bundle).astype(np.float32)),
    "in column order": lambda bundle: npy(np.asfortranarray(sketch_of(bundle))),
    "truncated": lambda bundle: (bundle / SKETCH).read_bytes()[:-1],
    "with NaN": lambda bundle: with_value(bundle, np.nan),
    "with infinity": lambda bundle: with_value(bundle, np.inf),
    "a pickle": lambda _: b"\x80\x04\x95\x00\x00\x00\x00\x00\x00\x00\x00N.",
}


@pytest.mark.parametrize("forge", SKETCHES.values(), ids=SKETCHES.keys())
def test_a_sketch_that_is_none_is_refused(bundle: Path, forge: Callable[[Path], bytes]) -> None:
    put_sealed(bundle, SKETCH, forge(bundle))
    assert_refused(bundle, BundleArrayError, SKETCH)


def test_a_sketch_whose_rows_come_from_nowhere_is_refused(bundle: Path) -> None:
    with forged_manifest(bundle) as manifest:
        manifest["explanation"]["sketch_places"] = []
    assert_refused(bundle, BundleManifestError, SKETCH)


def test_places_without_a_sketch_are_refused(bundle: Path) -> None:
    with forged_manifest(bundle) as manifest:
        del manifest["files"][SKETCH]
    (bundle / SKETCH).unlink()
    assert_refused(bundle, BundleManifestError, SKETCH)


def test_a_sketch_is_refused_where_nothing_is_explained(bundle: Path) -> None:
    with forged_manifest(bundle) as manifest:
        manifest["explanation"] = None
    assert_refused(bundle, BundleManifestError, SKETCH)


def test_readings_that_are_not_those_of_the_features_are_refused(bundle: Path) -> None:
    with forged_manifest(bundle) as manifest:
        manifest["explanation"]["readings"].pop()
    assert_refused(bundle, BundleManifestError, "4 readings, one for each feature")


def test_without_sketch_and_explanation_a_bundle_is_as_good(bundle: Path) -> None:
    with forged_manifest(bundle) as manifest:
        del manifest["files"][SKETCH], manifest["explanation"]
    (bundle / SKETCH).unlink()
    assert load(bundle).explainer is None
