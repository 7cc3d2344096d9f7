"""The gate between a trained model and a bundle: what is served must be what was trained, in any batch."""

from dataclasses import dataclass

import numpy as np
import onnx
import torch
from numpy.typing import NDArray

from model.detector import Metric, ScorerGraph, Standardiser
from model.errors import ParityError
from model.features import FeatureSpec
from model.golden import Golden
from model.inference import open_session
from model.raw_scorer import RawScorer
from model.scorer import ANOMALY, INVALID, NORMAL, REVIEW
from model.threshold import Threshold
from model.vae import VAE
from model.validity import invalid_samples
from training.export import ExportedGraphs

SCORE_RTOL = 1e-5
BATCHES = (1, 2, 7, 2000)

NORMAL_SAMPLES, NEAR_SAMPLES, EXTREME_SAMPLES = 16, 16, 16
# Other machines round differently. Their scores may differ from the recorded ones by this much, relatively, and no
# golden sample lies so near a threshold that this could change its verdict.
GOLDEN_RTOL = 1e-4
VERDICT_MARGIN = 10 * GOLDEN_RTOL


@dataclass(frozen=True)
class Certificate:
    """What the gate measured: the largest relative difference from torch, over ``samples`` samples."""

    score_error: float
    samples: int


def torch_scores(vae: VAE, standardiser: Standardiser, metric: Metric, x: NDArray[np.float64]) -> NDArray[np.float64]:
    """Score ``x`` [B, F] with the torch model: the reference that the exported graph is held against."""
    with torch.no_grad():
        score, _, _ = ScorerGraph(vae, standardiser, metric).eval()(torch.from_numpy(x))
    return np.asarray(score.numpy(), dtype=np.float64)


def certify(
    graphs: ExportedGraphs,
    reference: NDArray[np.float64],
    x: NDArray[np.float64],
    thresholds: tuple[Threshold, ...],
) -> Certificate:
    """Hold the exported graphs against the torch scores ``reference`` [B] of valid samples ``x`` [B, F].

    Raises:
        ParityError: scores differ by more than ``SCORE_RTOL``, a verdict differs, a score depends on its batch, or
            encoder and decoder together do not give the scorer's reconstruction.
    """
    raw = RawScorer(graphs.scorer)
    scores = raw.scores(x)
    error = np.abs(scores - reference) / np.maximum(np.abs(reference), np.finfo(np.float64).tiny)
    worst = int(error.argmax())
    if not error[worst] <= SCORE_RTOL:
        raise ParityError(
            f"ONNX Runtime must reproduce torch's scores within {SCORE_RTOL:g}; sample {worst} scores "
            f"{scores[worst]:.9g} against {reference[worst]:.9g} (relative difference {error[worst]:.2g})"
        )
    for threshold in thresholds:
        # The threshold is itself one of the scores: what lies on it, to rounding, has no side.
        apart = np.abs(reference - threshold.value) > SCORE_RTOL * threshold.value
        if ((scores > threshold.value) != (reference > threshold.value))[apart].any():
            raise ParityError(f"ONNX Runtime and torch disagree on a verdict at threshold {threshold.value:.9g}")
    _check_batches(raw, x, scores)
    _check_halves(graphs, raw, x[:256])
    return Certificate(float(error[worst]), len(x))


def _check_batches(raw: RawScorer, x: NDArray[np.float64], scores: NDArray[np.float64]) -> None:
    for batch in BATCHES:
        rows = min(len(x), max(batch, 256))
        again = np.concatenate([raw.scores(x[start : start + batch]) for start in range(0, rows, batch)])[:rows]
        differing = np.flatnonzero(again != scores[:rows])
        if differing.size:
            raise ParityError(f"sample {differing[0]} scores differently in batches of {batch}")


def _check_halves(graphs: ExportedGraphs, raw: RawScorer, x: NDArray[np.float64]) -> None:
    encoder = open_session(onnx.load_model_from_string(graphs.encoder), "cpu")
    decoder = open_session(onnx.load_model_from_string(graphs.decoder), "cpu")
    mean = encoder.run(["mean"], {"x": x})[0]
    apart = decoder.run(["reconstruction"], {"z": mean})[0]
    if not np.allclose(apart, raw.explain(x).reconstruction, rtol=SCORE_RTOL, atol=0):
        raise ParityError("encoder.onnx and decoder.onnx together do not give the reconstruction of scorer.onnx")


def golden_samples(
    raw: RawScorer,
    spec: FeatureSpec,
    clean: NDArray[np.float64],
    threshold: Threshold,
    review: Threshold | None,
    rng: np.random.Generator,
) -> Golden:
    """Choose samples that pin the bundle down (normal, near the threshold, extreme, invalid) and record their answers.

    ``clean`` [B, F] are valid rows, the calibration set. From it come the rows whose scores stand next to the threshold
    on either side; valid samples so near that another machine's rounding could change their verdict are left out.
    """
    scores = raw.scores(clean)
    by_score = np.argsort(scores, kind="stable")
    edge = int(np.searchsorted(scores[by_score], threshold.value))
    nearest = by_score[max(edge - NEAR_SAMPLES, 0) : edge + NEAR_SAMPLES]
    ordinary = np.linspace(0, len(clean) - 1, min(NORMAL_SAMPLES, len(clean))).astype(int)
    shifted = clean[rng.integers(len(clean), size=EXTREME_SAMPLES)].copy()
    features = rng.integers(clean.shape[1], size=EXTREME_SAMPLES)
    shifts = (
        rng.choice([-1.0, 1.0], EXTREME_SAMPLES) * rng.uniform(4, 40, EXTREME_SAMPLES) * clean.std(axis=0)[features]
    )
    shifted[np.arange(EXTREME_SAMPLES), features] += shifts
    missing, infinite = clean[0].copy(), clean[-1].copy()
    missing[0], infinite[-1] = np.nan, np.inf
    samples = np.vstack([clean[ordinary], clean[nearest], shifted, missing, infinite])

    invalid = np.zeros(len(samples), dtype=bool)
    invalid[list(invalid_samples(samples, spec))] = True
    answers = np.full(len(samples), np.nan)
    answers[~invalid] = raw.scores(samples[~invalid])
    verdicts = np.full(len(samples), NORMAL, dtype=np.int8)
    settled = np.ones(len(samples), dtype=bool)
    for line, verdict in ((review, REVIEW), (threshold, ANOMALY)):
        if line is not None:
            verdicts[answers > line.value] = verdict
            settled &= invalid | (np.abs(answers - line.value) > VERDICT_MARGIN * line.value)
    verdicts[invalid] = INVALID
    return Golden(samples[settled], answers[settled], verdicts[settled])
