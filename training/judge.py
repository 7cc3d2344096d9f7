"""Labelled rows judged by the detector that will be served, through the graph that will be served."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model.errors import InputError
from model.features import FeatureSpec
from model.validity import invalid_samples
from training.evaluate import Evaluation, evaluate
from training.labelled import LabelledRows
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


def judge_labelled(rows: LabelledRows, served: ServedDetector, spec: FeatureSpec) -> JudgedTest:
    """Score labelled rows and compare alarms with labels.

    Raises:
        InputError: no row can be judged.
    """
    invalid = rows.rejections
    keep = np.ones(len(rows.values), dtype=bool)
    for row, why in sorted(invalid_samples(rows.values, spec).items()):
        keep[row] = False
        invalid.add(rows.place[row], why)
    scores = np.full(len(keep), np.nan)
    scores[keep] = served.raw.scores(rows.values[keep])
    for row in np.flatnonzero(keep & ~np.isfinite(scores)).tolist():
        keep[row] = False
        invalid.add(rows.place[row], "beyond what floating point can score")
    if not keep.any():
        raise InputError(f"{', '.join(rows.sources)}: no labelled row can be judged; the first: {invalid.sentences[0]}")
    x, anomalous = rows.values[keep], rows.anomalous[keep]
    evaluation = evaluate(scores[keep], anomalous, served.threshold.value)
    return JudgedTest(evaluation, x, scores[keep], anomalous, served.latents(x), invalid)
