"""posteriors.npy that holds none, or where no latent is. Every digest fits."""

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from model.bundle import read_bundle
from model.errors import BundleArrayError, BundleManifestError
from model.latent_draws import MAX_POSTERIORS, POSTERIORS
from tests.attacks.refusal import assert_refused
from tests.attacks.sealing import forged_manifest, put_sealed

GOOD = np.hstack([np.zeros((3, 2)), np.ones((3, 2))])


def npy(array: NDArray[Any]) -> bytes:
    file = io.BytesIO()
    np.save(file, array, allow_pickle=False)
    return file.getvalue()


def with_value(value: float, column: int) -> bytes:
    spoilt = GOOD.copy()
    spoilt[1, column] = value
    return npy(spoilt)


POSTERIORS_THAT_ARE_NONE = {
    "empty": b"",
    "no row": npy(GOOD[:0]),
    "means alone": npy(np.ascontiguousarray(GOOD[:, :2])),
    "too many": npy(np.tile(GOOD, (MAX_POSTERIORS, 1))),
    "a line of numbers": npy(GOOD.ravel()),
    "float32": npy(GOOD.astype(np.float32)),
    "truncated": npy(GOOD)[:-1],
    "with a mean that is none": with_value(np.nan, 0),
    "with an infinite standard deviation": with_value(np.inf, 3),
    "with a negative standard deviation": with_value(-1.0, 2),
}


@pytest.mark.parametrize("raw", POSTERIORS_THAT_ARE_NONE.values(), ids=POSTERIORS_THAT_ARE_NONE.keys())
def test_posteriors_that_are_none_are_refused(bundle: Path, raw: bytes) -> None:
    put_sealed(bundle, POSTERIORS, raw)
    assert_refused(bundle, BundleArrayError, POSTERIORS)


def test_posteriors_are_refused_where_there_is_no_latent(bundle: Path) -> None:
    put_sealed(bundle, POSTERIORS, npy(GOOD))
    with forged_manifest(bundle) as manifest:
        manifest["detector"], manifest["graphs"]["latent_size"] = "mahalanobis", None
        for graph in ("encoder.onnx", "decoder.onnx"):
            del manifest["files"][graph]
            (bundle / graph).unlink()
    assert_refused(bundle, BundleManifestError, "there is no latent")


def test_posteriors_are_read_as_they_were_written(bundle: Path) -> None:
    put_sealed(bundle, POSTERIORS, npy(GOOD))
    np.testing.assert_array_equal(read_bundle(bundle).posteriors, GOOD)
