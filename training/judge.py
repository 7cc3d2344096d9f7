"""Labelled samples judged by the detector that will be served, through the graph that will be served."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model.errors import InputError
from model.features import FeatureSpec
from model.sample_form import SampleSet
from model.validity import invalid_samples
from training.evaluate import Evaluation, evaluate
from training.labelled import LabelledRows
from training.raw_data import Rejections
from training.served import ServedDetector


@dataclass(frozen=True)
class JudgedTest:
    """Valid labelled samples ``x``, m of them, with ``scores`` [m], ``anomalous`` [m], ``place`` and ``latents`` [m, Z].

    Samples that cannot be judged are ``invalid``: they count neither as found nor as false alarms.
    """

    evaluation: Evaluation
    x: SampleSet
    scores: NDArray[np.float64]
    anomalous: NDArray[np.bool_]
    place: Sequence[str]
    latents: NDArray[np.float64]
    invalid: Rejections


def judge_labelled(rows: LabelledRows, served: ServedDetector, spec: FeatureSpec) -> JudgedTest:
    """Score labelled rows and compare alarms with labels.

    Raises:
        InputError: no row can be judged.
    """
    keep = np.ones(len(rows.values), dtype=bool)
    for row, why in sorted(invalid_samples(rows.values, spec).items()):
        keep[row] = False
        rows.rejections.add(rows.place[row], why)
    place = [rows.place[row] for row in np.flatnonzero(keep)]
    if not keep.any():
        raise InputError(
            f"{', '.join(rows.sources)}: no labelled row can be judged; the first: {rows.rejections.sentences[0]}"
        )
    return judge_samples(rows.values[keep], rows.anomalous[keep], place, rows.rejections, served)


def judge_samples(
    x: SampleSet, anomalous: NDArray[np.bool_], place: Sequence[str], invalid: Rejections, served: ServedDetector
) -> JudgedTest:
    """Score labelled samples that are valid, and compare alarms with labels.

    Raises:
        InputError: not one has a score.
    """
    scores = served.raw.scores(x)
    scored = np.flatnonzero(np.isfinite(scores))
    if scored.size < len(x):
        for row in np.flatnonzero(~np.isfinite(scores)).tolist():
            invalid.add(place[row], "beyond what floating point can score")
        if not scored.size:
            raise InputError(f"no labelled sample can be judged; the first: {invalid.sentences[0]}")
        x, anomalous, scores = x[scored], anomalous[scored], scores[scored]
        place = [place[row] for row in scored.tolist()]
    evaluation = evaluate(scores, anomalous, served.threshold.value)
    return JudgedTest(evaluation, x, scores, anomalous, place, served.latents(x), invalid)
