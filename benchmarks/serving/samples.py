"""Samples to send: the same numbers to the bit in JSON and in float32, so that one list of scores is right for all. B: samples, F: features."""

import numpy as np
from numpy.typing import NDArray

from benchmarks.clean_samples import clean_samples
from benchmarks.errors import MeasurementError
from model.bundle import Bundle
from model.scorer import INVALID, Scorer

STEPS = 1024  # of the full scale, as of a converter of ten bits: short in JSON


def samples_to_send(bundle: Bundle, count: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Draw samples [B, F] like clean ones, exact in float32, and tell the scores [B] that the bundle gives them.

    Raises:
        MeasurementError: a sample, rounded to its feature's steps, is no longer valid.
    """
    x = clean_samples(bundle, count)
    # A power of two: multiples of it need few bits, and few decimals too.
    step = 2.0 ** np.floor(np.log2(np.maximum(np.abs(x).max(axis=0), 1e-30) / STEPS))
    x = np.round(x / step) * step
    scored = Scorer(bundle).score(x)
    if (scored.verdict == INVALID).any() or not (x == x.astype(np.float32)).all():
        raise MeasurementError("rounding made samples that the detector calls invalid, so no server could score them")
    return x, scored.score
