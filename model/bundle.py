"""Reading a bundle: everything is verified before anything is used. ``docs/bundle-format.md`` is the normative text."""

import hashlib
import io
import json
import os
import stat
import zipfile
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import numpy as np
from numpy.typing import NDArray

from model.errors import (
    BundleArrayError,
    BundleDigestError,
    BundleMissingFileError,
    BundleTooLargeError,
    BundleUnlistedFileError,
    BundleUnsafePathError,
)
from model.golden import Golden
from model.graph_check import check_graph, signatures
from model.manifest import FileEntry, Manifest, parse_manifest
from model.threshold import Verdict

MANIFEST = "manifest.json"
GRAPHS = ("encoder.onnx", "decoder.onnx", "scorer.onnx")
CALIBRATION, GOLDEN = "calibration.npy", "golden.npz"
REQUIRED = (*GRAPHS, CALIBRATION, GOLDEN)

MIB = 1 << 20
MAX_BYTES = {MANIFEST: 4 * MIB, CALIBRATION: 64 * MIB, GOLDEN: 64 * MIB}
MAX_OTHER_BYTES = 512 * MIB


@dataclass(frozen=True)
class Bundle:
    """A verified bundle in memory. ``digest`` is the SHA-256 of its manifest, hence of everything in it."""

    manifest: Manifest
    digest: str
    encoder: bytes
    decoder: bytes
    scorer: bytes
    calibration: NDArray[np.float64]
    golden: Golden


def read_bundle(path: Path) -> Bundle:
    """Read and verify the bundle in directory ``path``.

    Raises:
        BundleError: the subclass says in which way the bundle is bad.
    """
    if not path.is_dir():
        raise BundleMissingFileError(f"{path}: expected a bundle directory, found nothing of that kind")
    raw_manifest = _read_bounded(path, MANIFEST, MAX_BYTES[MANIFEST])
    manifest = parse_manifest(raw_manifest)
    for name in REQUIRED:
        if name not in manifest.files:
            raise BundleMissingFileError(f"{path.name}: the manifest does not list {name}")
    for name in manifest.files:
        _check_name(name)
    _check_listing(path, set(manifest.files))
    content = {name: _verified(path, name, entry) for name, entry in manifest.files.items()}
    expected = signatures(len(manifest.features), manifest.graphs.latent_size)
    for name in GRAPHS:
        check_graph(content[name], expected[name], name)
    return Bundle(
        manifest=manifest,
        digest=hashlib.sha256(raw_manifest).hexdigest(),
        encoder=content["encoder.onnx"],
        decoder=content["decoder.onnx"],
        scorer=content["scorer.onnx"],
        calibration=_calibration(content[CALIBRATION], manifest),
        golden=_golden(content[GOLDEN], manifest),
    )


def calibration_npy(scores: NDArray[np.float64]) -> bytes:
    """Write calibration scores [n], sorted ascending, as the bytes of ``calibration.npy``."""
    file = io.BytesIO()
    np.save(file, np.sort(scores), allow_pickle=False)
    return file.getvalue()


def _check_name(name: str) -> None:
    parts = PurePosixPath(name).parts
    unsafe = (
        name.startswith("/") or "\\" in name or ":" in name or "\0" in name or ".." in parts or "." in name.split("/")
    )
    if unsafe or str(PurePosixPath(name)) != name or name == MANIFEST:
        raise BundleUnsafePathError(f"the manifest lists {json.dumps(name)}, which is no plain path inside the bundle")


def _check_listing(path: Path, listed: set[str]) -> None:
    for folder, folders, files in os.walk(path, followlinks=False):
        for name in (*folders, *files):
            found = Path(folder) / name
            relative = found.relative_to(path).as_posix()
            if found.is_symlink():
                raise BundleUnsafePathError(f"{relative}: links are not allowed in a bundle")
            if name in files and relative not in listed and relative != MANIFEST:
                raise BundleUnlistedFileError(f"{relative}: found in the bundle but not listed in its manifest")


def _read_bounded(path: Path, name: str, limit: int) -> bytes:
    file = path / name
    try:
        # No link is followed and no pipe waited on: what is opened is what is read.
        descriptor = os.open(file, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except FileNotFoundError as error:
        raise BundleMissingFileError(f"{path.name}: {name} is missing") from error
    except OSError as error:
        raise BundleUnsafePathError(
            f"{path.name}: {name} cannot be opened as a plain file: {error.strerror}"
        ) from error
    with os.fdopen(descriptor, "rb") as opened:
        status = os.fstat(opened.fileno())
        if not stat.S_ISREG(status.st_mode):
            raise BundleUnsafePathError(f"{path.name}: {name} is not a regular file")
        if status.st_size > limit:
            raise BundleTooLargeError(
                f"{path.name}: {name} holds {status.st_size:,} bytes, at most {limit:,} are allowed"
            )
        return opened.read(limit + 1)


def _verified(path: Path, name: str, entry: FileEntry) -> bytes:
    limit = MAX_BYTES.get(name, MAX_OTHER_BYTES)
    if entry.bytes > limit:
        raise BundleTooLargeError(
            f"{path.name}: {name} is listed with {entry.bytes:,} bytes, at most {limit:,} are allowed"
        )
    raw = _read_bounded(path, name, limit)
    if len(raw) != entry.bytes or hashlib.sha256(raw).hexdigest() != entry.sha256:
        raise BundleDigestError(f"{path.name}: {name} is not the file its manifest describes (size or SHA-256 differs)")
    return raw


def _calibration(raw: bytes, manifest: Manifest) -> NDArray[np.float64]:
    try:
        scores = np.load(io.BytesIO(raw), allow_pickle=False)
    except (ValueError, EOFError, OSError) as error:
        raise BundleArrayError(f"{CALIBRATION}: not a NumPy array file: {error}") from error
    expected = manifest.threshold.calibration_count
    if not isinstance(scores, np.ndarray) or scores.dtype != np.float64 or scores.shape != (expected,):
        raise BundleArrayError(f"{CALIBRATION}: expected float64 [{expected}], found {_describe(scores)}")
    if not np.isfinite(scores).all() or (np.diff(scores) < 0).any():
        raise BundleArrayError(f"{CALIBRATION}: scores must be finite and ascending")
    return scores


def _golden(raw: bytes, manifest: Manifest) -> Golden:
    members = ("samples", "scores", "verdicts")
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            unpacked = sum(entry.file_size for entry in archive.infolist())
            if sorted(archive.namelist()) != [f"{name}.npy" for name in members] or unpacked > MAX_BYTES[GOLDEN]:
                raise BundleArrayError(
                    f"{GOLDEN}: must hold exactly {', '.join(members)}, within {MAX_BYTES[GOLDEN]:,} bytes"
                )
        with np.load(io.BytesIO(raw), allow_pickle=False) as arrays:
            golden = Golden(*(arrays[name] for name in members))
    except (ValueError, EOFError, OSError, zipfile.BadZipFile) as error:
        raise BundleArrayError(f"{GOLDEN}: not a NumPy archive: {error}") from error
    count = len(golden.samples) if golden.samples.ndim else 0
    for name, dtype, shape in (
        ("samples", np.float64, (count, len(manifest.features))),
        ("scores", np.float64, (count,)),
        ("verdicts", np.int8, (count,)),
    ):
        found = getattr(golden, name)
        if count == 0 or found.dtype != dtype or found.shape != shape:
            raise BundleArrayError(
                f"{GOLDEN}: {name} must be {np.dtype(dtype)} {list(shape)}, with at least one row, found {_describe(found)}"
            )
    if ((golden.verdicts < 0) | (golden.verdicts >= len(Verdict))).any():
        raise BundleArrayError(f"{GOLDEN}: verdicts must lie between 0 and {len(Verdict) - 1}")
    return golden


def _describe(found: object) -> str:
    return f"{found.dtype} {list(found.shape)}" if isinstance(found, np.ndarray) else type(found).__name__
