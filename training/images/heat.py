"""The line above which a pixel of a heat map stands out."""

import numpy as np

from model.raw_scorer import RawScorer, parts_of
from model.sample_form import SampleSet
from training.calibrate import calibrate
from training.config import TrainingConfig


def heat_threshold(raw: RawScorer, clean: SampleSet, config: TrainingConfig) -> float:
    """Set the line that no pixel of a clean image's heat map crosses, but for a share ``target_fpr`` of clean images.

    By the rule that the threshold of the score was set by, on the largest value of each of the ``clean`` images' maps.
    """
    largest = np.concatenate([raw.contributions(part).max(axis=(1, 2)) for part in parts_of(clean)])
    return calibrate(largest, config.target_fpr, config.calibration.rule, config.calibration.confidence).value
