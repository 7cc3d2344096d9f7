"""The arrays of a bundle, from untrusted bytes: one fixed header, nothing evaluated, nothing allocated on its word.

n: calibration scores. G: golden samples. S: rows of the sketch. K: posteriors. F: features.
Z: latent size.
"""

import io
import math
import re
import struct
import zipfile
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from model.errors import BundleArrayError
from model.golden import Golden
from model.latent_draws import MAX_POSTERIORS
from model.manifest import Manifest
from model.quoting import quoted
from model.sample_form import SampleForm
from model.threshold import Verdict

# The .npy header that NumPy writes for an array of one to four dimensions. NumPy's own reader evaluates the header as a
# Python literal and allocates what it asks for, and both can be made to fail in many ways; this can fail in one.
HEADER = re.compile(
    rb"\x93NUMPY\x01\x00.."
    rb"\{'descr': '([^'\n]{1,20})', 'fortran_order': False, 'shape': \((\d{1,9}),(?: (\d{1,9})(?:, (\d{1,9}))?(?:, (\d{1,9}))?)?\), \} *\n",
    re.DOTALL,
)
GOLDEN_MEMBERS = ["samples.npy", "scores.npy", "verdicts.npy"]
Scalar = TypeVar("Scalar", np.float64, np.int8, np.uint8, np.uint16)
MAX_GOLDEN_SAMPLES = 1000  # each is scored at every load, on its own as well
INVALID = tuple(Verdict).index(Verdict.INVALID)


def read_calibration(raw: bytes, manifest: Manifest, place: str) -> NDArray[np.float64]:
    """Read ``calibration.npy``: scores [n], ascending, among them every threshold that is an order statistic."""
    scores = _array(raw, np.float64, (manifest.threshold.calibration_count,), place)
    if not np.isfinite(scores).all() or (scores < 0).any() or (np.diff(scores) < 0).any():
        raise BundleArrayError(f"{place}: scores must be finite, at least zero and ascending")
    for threshold in (manifest.threshold, manifest.review_threshold):
        if threshold and threshold.rule != "tail" and threshold.value not in scores:
            raise BundleArrayError(
                f"{place}: the manifest's threshold {threshold.value!r} is none of the calibration scores, "
                f"which by the {threshold.rule} rule it must be"
            )
        if threshold and threshold.rule != "tail" and (scores > threshold.value).mean() > threshold.target_fpr:
            raise BundleArrayError(
                f"{place}: {(scores > threshold.value).mean():.3g} of the calibration scores lie above the threshold, "
                f"the manifest promises at most {threshold.target_fpr:.3g}"
            )
    return scores


def read_golden(raw: bytes, manifest: Manifest, place: str) -> Golden:
    """Read ``golden.npz``: samples [G, *shape], scores [G] and verdicts [G] in an archive without compression."""
    members = _members(raw, place)
    samples = _samples(members[0], manifest.form, f"{place}: samples")
    if len(samples) > MAX_GOLDEN_SAMPLES:
        raise BundleArrayError(f"{place}: holds {len(samples):,} samples, at most {MAX_GOLDEN_SAMPLES:,} are allowed")
    scores = _array(members[1], np.float64, (len(samples),), f"{place}: scores")
    verdicts = _array(members[2], np.int8, (len(samples),), f"{place}: verdicts")
    if ((verdicts < 0) | (verdicts >= len(Verdict))).any():
        raise BundleArrayError(f"{place}: verdicts must lie between 0 and {len(Verdict) - 1}")
    scored = verdicts != INVALID
    if not (np.isfinite(scores[scored]) & (scores[scored] >= 0)).all() or not np.isnan(scores[~scored]).all():
        raise BundleArrayError(f"{place}: scores must be NaN for invalid samples, finite and at least zero for others")
    if not scored.any():
        raise BundleArrayError(f"{place}: holds no sample with a score, so nothing would be checked")
    return Golden(samples, scores, verdicts)


def read_sketch(raw: bytes, manifest: Manifest, place: str) -> NDArray[np.float64]:
    """Read ``sketch.npy``: clean rows [S, F], as many as the manifest says where they come from."""
    count = 0 if manifest.explanation is None else len(manifest.explanation.sketch_places)
    rows = _array(raw, np.float64, (count, len(manifest.features)), place)
    if not np.isfinite(rows).all():
        raise BundleArrayError(f"{place}: clean rows must be finite")
    return rows


def read_posteriors(raw: bytes, manifest: Manifest, place: str) -> NDArray[np.float64]:
    """Read ``posteriors.npy``: for each of K clean samples the mean and the standard deviation of its latent, [K, 2 Z]."""
    posteriors = _array(raw, np.float64, (None, 2 * (manifest.graphs.latent_size or 0)), place)
    if len(posteriors) > MAX_POSTERIORS:
        raise BundleArrayError(f"{place}: holds {len(posteriors):,} posteriors, at most {MAX_POSTERIORS:,} are allowed")
    mean, deviation = np.split(posteriors, 2, axis=1)
    if not np.isfinite(mean).all() or not np.isfinite(deviation).all() or (deviation < 0).any():
        raise BundleArrayError(f"{place}: means must be finite, standard deviations finite and at least zero")
    return posteriors


def _samples(raw: bytes, form: SampleForm, place: str) -> NDArray[Any]:
    shape = (None, *form.shape)
    if form.dtype == "uint8":
        return _array(raw, np.uint8, shape, place)
    return _array(raw, np.uint16, shape, place) if form.dtype == "uint16" else _array(raw, np.float64, shape, place)


def _members(raw: bytes, place: str) -> list[bytes]:
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            entries = archive.infolist()
            # Stored, plain members unpack to no more than the archive itself holds.
            stored = all(entry.compress_type == zipfile.ZIP_STORED and not entry.flag_bits for entry in entries)
            if [entry.filename for entry in entries] != GOLDEN_MEMBERS or not stored:
                raise BundleArrayError(
                    f"{place}: must hold exactly {', '.join(GOLDEN_MEMBERS)}, in this order and not compressed"
                )
            return [archive.read(entry) for entry in entries]
    except (zipfile.BadZipFile, NotImplementedError, ValueError, EOFError, OSError, struct.error) as error:
        raise BundleArrayError(
            f"{place}: not a readable ZIP archive: {quoted(str(error) or type(error).__name__)}"
        ) from error


def _array(raw: bytes, dtype: type[Scalar], shape: tuple[int | None, ...], place: str) -> NDArray[Scalar]:
    stored = np.dtype(dtype).newbyteorder("<")
    expected = f"'{stored.str}' {['any' if size is None else size for size in shape]}"
    header = HEADER.match(raw)
    if header is None or int.from_bytes(raw[8:10], "little") != header.end() - 10:
        raise BundleArrayError(f"{place}: expected {expected}, found no array of NumPy format 1.0 in C order")
    found = tuple(int(size) for size in header.groups()[1:] if size is not None)
    fits = len(found) == len(shape) and all(want in (None, size) for want, size in zip(shape, found, strict=True))
    if header[1] != stored.str.encode() or not fits or 0 in found:
        descr = quoted(header[1].decode("latin-1"))
        raise BundleArrayError(f"{place}: expected {expected}, found {descr} {list(found)}")
    if len(raw) - header.end() != math.prod(found) * stored.itemsize:
        raise BundleArrayError(f"{place}: {list(found)} values are announced, {len(raw) - header.end():,} bytes follow")
    return np.frombuffer(raw, stored, offset=header.end()).astype(dtype, copy=False).reshape(found)
