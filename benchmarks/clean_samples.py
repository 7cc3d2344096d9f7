"""Samples to score: clean ones like those a bundle was calibrated on. B: samples, F: features."""

import numpy as np
from numpy.typing import NDArray

from model.bundle import Bundle
from model.scorer import NORMAL

SPREAD = 0.05  # of each feature's own spread: enough that no two samples are alike
DECIMALS = 4  # as many as a transmitter has; with all seventeen digits a body would be three times as long


def clean_samples(bundle: Bundle, count: int) -> NDArray[np.float64]:
    """Draw samples [B, F] around those that the bundle keeps as examples of normal ones, within the declared ranges."""
    normal = bundle.golden.samples[bundle.golden.verdicts == NORMAL]
    rng = np.random.default_rng(0)
    drawn = normal[rng.integers(len(normal), size=count)]
    drawn += SPREAD * normal.std(axis=0) * rng.standard_normal(drawn.shape)
    spec = bundle.manifest.feature_spec
    return np.asarray(np.clip(drawn.round(DECIMALS), spec.lows, spec.highs))
