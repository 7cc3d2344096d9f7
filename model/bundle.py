"""Reading a bundle: everything is verified before anything is used. ``docs/bundle-format.md`` is the normative text."""

import hashlib
import io
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from model.bundle_arrays import read_calibration, read_golden, read_posteriors, read_sketch
from model.bundle_files import check_listing, check_name, read_bounded, read_verified
from model.errors import BundleManifestError, BundleMissingFileError, BundleTooLargeError
from model.explanation import SKETCH
from model.golden import Golden
from model.graph_check import check_graph, signatures
from model.latent_draws import POSTERIORS
from model.manifest import Manifest, parse_manifest
from model.signing.check import check_signature, read_signature
from model.signing.signature import MAX_SIGNATURE_BYTES, SIGNATURE

if TYPE_CHECKING:  # cryptography: not where no signature is asked for
    from model.signing.trusted_keys import TrustedKeys

MANIFEST = "manifest.json"
GRAPHS = ("encoder.onnx", "decoder.onnx", "scorer.onnx")
CALIBRATION, GOLDEN = "calibration.npy", "golden.npz"
REQUIRED = (*GRAPHS, CALIBRATION, GOLDEN)
OPTIONAL = (SKETCH, POSTERIORS)
REPORT = "report/"

MIB = 1 << 20
MAX_BYTES = {
    MANIFEST: 4 * MIB,
    SIGNATURE: MAX_SIGNATURE_BYTES,
    **dict.fromkeys(GRAPHS, 512 * MIB),
    CALIBRATION: 64 * MIB,
    GOLDEN: 64 * MIB,
    SKETCH: 64 * MIB,
    POSTERIORS: 64 * MIB,
}
MAX_REPORT_BYTES = 64 * MIB  # each file of the report
MAX_TOTAL_BYTES = 2048 * MIB  # all files that a manifest lists


@dataclass(frozen=True)
class Bundle:
    """A verified bundle in memory. ``digest`` is the SHA-256 of its manifest, hence of everything in it.

    ``signed_by`` is the id of the trusted key that signed it, and None where no signature was asked for. A detector
    without a latent has neither ``encoder`` nor ``decoder``, nor ``posteriors``.
    """

    manifest: Manifest
    digest: str
    signed_by: str | None
    encoder: bytes | None
    decoder: bytes | None
    scorer: bytes
    calibration: NDArray[np.float64]
    golden: Golden
    sketch: NDArray[np.float64] | None
    posteriors: NDArray[np.float64] | None


def read_bundle(path: Path, trusted: "TrustedKeys | None" = None) -> Bundle:
    """Read and verify the bundle in directory ``path``. What it answers, ``Scorer.check_golden`` verifies.

    Where ``trusted`` keys are given, nothing is read of a bundle that none of them has signed.

    Raises:
        BundleError: the subclass says in which way the bundle is bad.
        OSError: the disk or its permissions do not let it be read.
    """
    raw = read_raw_manifest(path)
    signed_by = check_signature(path, raw, read_signature(path), trusted)
    manifest = read_manifest(path, raw)
    content = read_files(path, manifest)
    check_graphs(path, manifest, content)
    return assemble(path, manifest, digest_of(raw), signed_by, content)


def read_raw_manifest(path: Path) -> bytes:
    """Take up the bytes of the manifest in directory ``path``, and no meaning from them."""
    if not path.is_dir():
        raise BundleMissingFileError(f"{path}: expected a bundle directory, found nothing of that kind")
    return read_bounded(path / MANIFEST, MAX_BYTES[MANIFEST])


def read_manifest(path: Path, raw: bytes) -> Manifest:
    """Read the manifest of the bundle in ``path`` from its bytes, before any other file that it lists is touched."""
    manifest = parse_manifest(raw, str(path / MANIFEST))
    check_files(manifest, str(path / MANIFEST))
    return manifest


def digest_of(manifest: bytes) -> str:
    """Give the digest of the bundle whose manifest has these bytes."""
    return hashlib.sha256(manifest).hexdigest()


def read_files(path: Path, manifest: Manifest) -> dict[str, bytes]:
    """Read every file that ``manifest`` lists, and no other, and return what runs; the report is only verified."""
    check_listing(path, {MANIFEST, SIGNATURE, *manifest.files})
    content = {}
    for name, entry in manifest.files.items():
        raw = read_verified(path / name, entry)
        if not name.startswith(REPORT):
            content[name] = raw
    return content


def check_graphs(path: Path, manifest: Manifest, content: Mapping[str, bytes]) -> None:
    """Check that the graphs only do arithmetic, and fit the manifest's features."""
    for name, expected in signatures(manifest.form, manifest.graphs.latent_size).items():
        check_graph(content[name], expected, str(path / name))


def assemble(
    path: Path, manifest: Manifest, digest: str, signed_by: str | None, content: Mapping[str, bytes]
) -> Bundle:
    """Read the arrays and put together what ``read_files`` and ``check_graphs`` let pass."""
    return Bundle(
        manifest=manifest,
        digest=digest,
        signed_by=signed_by,
        encoder=content.get("encoder.onnx"),
        decoder=content.get("decoder.onnx"),
        scorer=content["scorer.onnx"],
        calibration=read_calibration(content[CALIBRATION], manifest, str(path / CALIBRATION)),
        golden=read_golden(content[GOLDEN], manifest, str(path / GOLDEN)),
        sketch=read_sketch(content[SKETCH], manifest, str(path / SKETCH)) if SKETCH in content else None,
        posteriors=read_posteriors(content[POSTERIORS], manifest, str(path / POSTERIORS))
        if POSTERIORS in content
        else None,
    )


def check_files(manifest: Manifest, place: str) -> None:
    """Check which files a manifest lists, and how large it says they are, before any of them is touched."""
    required = (*signatures(manifest.form, manifest.graphs.latent_size), CALIBRATION, GOLDEN)
    for name in manifest.files:
        check_name(name, place)
        if name not in (*required, *OPTIONAL) and not name.startswith(REPORT):
            raise BundleManifestError(
                f"{place}: lists '{name}'; this bundle holds {', '.join((*required, *OPTIONAL))} and files below {REPORT}, "
                "no others"
            )
    for name in required:
        if name not in manifest.files:
            raise BundleMissingFileError(f"{place}: does not list {name}")
    announced = manifest.explanation is not None and bool(manifest.explanation.sketch_places)
    if (SKETCH in manifest.files) != announced:
        raise BundleManifestError(
            f"{place}: explanation.sketch_places must say where the rows of {SKETCH} come from where it is listed, and be "
            "empty where it is not"
        )
    if POSTERIORS in manifest.files and manifest.graphs.latent_size is None:
        raise BundleManifestError(f"{place}: lists {POSTERIORS}, but graphs.latent_size says that there is no latent")
    for name, entry in manifest.files.items():
        limit = MAX_BYTES.get(name, MAX_REPORT_BYTES)
        if entry.bytes > limit:
            raise BundleTooLargeError(
                f"{place}: lists {name} with {entry.bytes:,} bytes, at most {limit:,} are allowed"
            )
    total = sum(entry.bytes for entry in manifest.files.values())
    if total > MAX_TOTAL_BYTES:
        raise BundleTooLargeError(f"{place}: lists {total:,} bytes in all, at most {MAX_TOTAL_BYTES:,} are allowed")


def calibration_npy(scores: NDArray[np.float64]) -> bytes:
    """Write calibration scores [n], sorted ascending, as the bytes of ``calibration.npy``."""
    return _npy(np.sort(scores))


def sketch_npy(rows: NDArray[np.float64]) -> bytes:
    """Write clean rows [S, F], engineering units, as the bytes of ``sketch.npy``."""
    return _npy(np.ascontiguousarray(rows))


def posteriors_npy(posteriors: NDArray[np.float64]) -> bytes:
    """Write posteriors of clean samples [K, 2 Z], means and then standard deviations, as the bytes of ``posteriors.npy``."""
    return _npy(np.ascontiguousarray(posteriors))


def _npy(array: NDArray[np.float64]) -> bytes:
    file = io.BytesIO()
    np.save(file, array, allow_pickle=False)
    return file.getvalue()
