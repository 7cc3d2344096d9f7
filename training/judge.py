"""Labelled rows judged by the detector that will be served, through the graph that will be served."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model.errors import InputError
from model.features import FeatureSpec
from model.validity import invalid_samples
from training.clean_data import read_labelled
from training.evaluate import Evaluation, evaluate
from training.learn import TrainedDetector
from training.metric import clean_residuals
from training.raw_data import Rejections
from training.served import ServedDetector


@dataclass(frozen=True)
class JudgedTest:
    """Valid labelled rows ``x`` [m, F] with ``scores`` [m], ``anomalous`` [m] and ``latents`` [m, Z].

    Rows that cannot be judged are ``invalid``: they count neither as found nor as false alarms.
    """

    evaluation: Evaluation
    x: NDArray[np.float64]
    scores: NDArray[np.float64]
    anomalous: NDArray[np.bool_]
    latents: NDArray[np.float64]
    invalid: Rejections


def judge_labelled(
    inputs: Sequence[str], label: str, served: ServedDetector, detector: TrainedDetector, spec: FeatureSpec
) -> JudgedTest:
    """Score labelled rows and compare alarms with labels.

    Raises:
        InputError: the files cannot be read, or hold no row that can be judged.
    """
    table = read_labelled(inputs, spec, label)
    if table.label is None:
        raise InputError(f"{', '.join(inputs)}: no column '{label}'")
    invalid = table.rejections
    keep = np.ones(len(table.values), dtype=bool)
    for row, why in sorted(invalid_samples(table.values, spec).items()):
        keep[row] = False
        invalid.add(table.place[row], why)
    scores = np.full(len(keep), np.nan)
    scores[keep] = served.raw.scores(table.values[keep])
    for row in np.flatnonzero(keep & ~np.isfinite(scores)).tolist():
        keep[row] = False
        invalid.add(table.place[row], "beyond what floating point can score")
    if not keep.any():
        raise InputError(f"{', '.join(inputs)}: no labelled row can be judged; the first: {invalid.sentences[0]}")
    x, anomalous = table.values[keep], table.label[keep]
    _, latents = clean_residuals(detector.vae, detector.standardiser, x)
    evaluation = evaluate(scores[keep], anomalous, served.threshold.value)
    return JudgedTest(evaluation, x, scores[keep], anomalous, latents.numpy(), invalid)
