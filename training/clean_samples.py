"""Windows and images as a run takes them: clean ones, shared out, and labelled ones.

n: calibration samples. m: labelled samples. F: features (channels).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model.features import FeatureSpec
from model.sample_form import SampleSet
from training.data_notes import DataNotes
from training.raw_data import Rejections


@dataclass(frozen=True)
class CleanSamples:
    """Clean windows or images, shared out. ``called`` is what one of them is called: window, image.

    ``groups`` [n] name the stretch of time of each calibration sample, None where each stands for itself; ``out_of_fold``
    are scores of detectors that have not learned from what they score, in time order, where no part is held out.
    ``counts`` are those of the parts, in the order to show. ``location`` and ``scale`` [F] are of the training samples' features.
    """

    called: str
    spec: FeatureSpec
    train: SampleSet
    validation: SampleSet
    calibration: SampleSet
    groups: NDArray[np.str_] | None
    counts: Mapping[str, int]
    location: NDArray[np.float64]
    scale: NDArray[np.float64]
    fingerprint: str
    sources: tuple[str, ...]
    notes: DataNotes
    out_of_fold: NDArray[np.float64] | None = None


@dataclass(frozen=True)
class LabelledSamples:
    """Labelled windows or images ``x``, m of them, which can all be judged; ``rejections`` tells of those that cannot."""

    x: SampleSet
    anomalous: NDArray[np.bool_]
    place: Sequence[str]
    rejections: Rejections
