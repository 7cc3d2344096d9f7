"""From a trained detector to what is served: graphs that passed the gate, with a threshold that belongs to them."""

import logging
from dataclasses import dataclass
from functools import partial
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from model.alarm.rule import Alarm
from model.alarm_budget import AlarmBudget
from model.detector_graphs import DetectorGraphs
from model.encoder import Encoder
from model.errors import BundleGraphError, CalibrationError, ParityError
from model.features import FeatureSpec
from model.golden import Golden
from model.raw_scorer import RawScorer
from model.sample_form import SampleForm, SampleSet
from model.threshold import CalibrationMethod, Threshold
from training.absence_rates import tried_counts, without
from training.annunciations import Series, alarm_rule, clean_alarms
from training.calibrate import calibrate, threshold_at
from training.certify import Certificate, certify, torch_reference
from training.config import TrainingConfig
from training.dependence import effective_count
from training.drift import Drift, find_drift
from training.episodes import keep_budget
from training.export import ExportedGraphs, export_graphs
from training.golden import golden_samples

log = logging.getLogger("plumbline.training")

CHECKED_VALUES = 1 << 20  # of windows and images that the gate holds against torch in float64
Precision = Literal["float32", "float64"]


@dataclass(frozen=True)
class ServedDetector:
    """Graphs, threshold and golden samples; ``calibration_scores`` [n] stand in the order of the calibration rows."""

    graphs: ExportedGraphs
    raw: RawScorer
    precision: Precision
    threshold: Threshold
    review: Threshold | None
    calibration_scores: NDArray[np.float64]
    drift: Drift
    certificate: Certificate
    golden: Golden
    latent_size: int | None
    alarm_budget: AlarmBudget | None
    alarm: Alarm | None

    def latents(self, x: SampleSet) -> NDArray[np.float64]:
        """Return the latent means [B, Z] of samples ``x``; [B, 0] where the detector has no latent."""
        return np.empty((len(x), 0)) if self.graphs.encoder is None else Encoder(self.graphs.encoder).encode(x).mean


def make_served(
    detector: DetectorGraphs,
    spec: FeatureSpec,
    calibration: SampleSet,
    config: TrainingConfig,
    *,
    groups: NDArray[np.str_] | None = None,
    out_of_fold: NDArray[np.float64] | None = None,
) -> ServedDetector:
    """Export, calibrate and pass the parity gate, in float32 where that is exact enough.

    ``calibration`` are n clean samples in time order, of ``groups`` [n], scored by the exported graph. Where the detector
    learned from them, ``out_of_fold`` [n] are the scores of detectors that did not, in multiples of their typical score
    (``training/cross_fit.py``), and the exported graph says what its own typical score is.

    Raises:
        ParityError: the gate was not passed in float64 either.
        CalibrationError: the calibration rows cannot support the promise.
    """
    try:
        return _make(detector, spec, calibration, config, groups, out_of_fold)
    except ParityError as error:
        if detector.in_float64:
            raise
        # Residuals far below a feature's own spread magnify float32 rounding; the network in float64 has none to magnify.
        try:
            exact = _make(detector.exact(), spec, calibration, config, groups, out_of_fold)
        except BundleGraphError:
            raise error from None  # ONNX Runtime convolves in float32 alone
        log.info("the network is exported in float64: in float32, %s", error)
        return exact


def _make(
    detector: DetectorGraphs,
    spec: FeatureSpec,
    calibration: SampleSet,
    config: TrainingConfig,
    groups: NDArray[np.str_] | None,
    out_of_fold: NDArray[np.float64] | None,
) -> ServedDetector:
    graphs = export_graphs(detector)
    raw = RawScorer(graphs.scorer)
    scores = own_scores = raw.scores(calibration)
    if out_of_fold is not None:
        scores = out_of_fold * float(np.median(own_scores))
    effective = effective_count(scores, groups)
    method: CalibrationMethod = "held_out" if out_of_fold is None else "cross_fitted"
    calibrated = partial(
        calibrate,
        scores,
        rule=config.calibration.rule,
        confidence=config.calibration.confidence,
        effective=effective,
        method=method,
    )
    confidence, asked = config.calibration.confidence, config.calibration.budget
    series = Series.of(scores, groups)
    kept = keep_budget(series, asked, config.alarm, confidence) if asked else None
    if kept:
        threshold = threshold_at(kept.value, scores, confidence, effective=effective, method=method)
    else:
        threshold = calibrated(target_fpr=config.target_fpr)
    looser = config.calibration.review_fpr
    review = None if looser is None else _review(calibrated(target_fpr=looser), threshold)
    rng = np.random.default_rng(config.seed)
    golden = golden_samples(raw, spec, calibration, own_scores, threshold, review, rng)
    valid = ~np.isnan(golden.scores)
    # Golden samples first: the smallest batches are tried on the first samples.
    checked = np.concatenate([golden.samples[valid], calibration[_to_check(detector.form, own_scores, threshold)]])
    if spec.most_absent:
        checked = np.vstack([checked, *_incomplete(calibration[:], spec.most_absent, rng)])
    reference = torch_reference(detector, checked)
    certificate = certify(graphs, reference, tuple(line for line in (threshold, review) if line))
    latent_size = None if detector.latent is None else detector.latent.size
    precision: Precision = "float64" if detector.in_float64 else "float32"
    drift = find_drift(scores)
    told = kept.budget if kept else None
    alarm = None if config.modality == "image" else _alarm(series, threshold, config)
    return ServedDetector(
        graphs, raw, precision, threshold, review, scores, drift, certificate, golden, latent_size, told, alarm
    )


def _alarm(series: Series, threshold: Threshold, config: TrainingConfig) -> Alarm:
    rule, in_time = config.alarm, config.split.by != "random"
    return Alarm(
        rule=alarm_rule(threshold.value, series.scores, rule),
        clean=clean_alarms(series, threshold.value, rule) if in_time else None,
    )


def _to_check(form: SampleForm, scores: NDArray[np.float64], threshold: Threshold) -> NDArray[np.intp] | slice:
    """Choose calibration samples for the gate: every row; of larger samples some, half of them next to the threshold."""
    if len(form.shape) == 1:
        return slice(None)
    half = max(8, CHECKED_VALUES // form.size // 2)
    near = np.argsort(np.abs(scores - threshold.value), kind="stable")[:half]
    spread = np.linspace(0, scores.size - 1, min(half, scores.size)).astype(np.intp)
    return np.unique(np.concatenate([near, spread]))


def _incomplete(
    calibration: NDArray[np.float64], most_absent: int, rng: np.random.Generator
) -> list[NDArray[np.float64]]:
    counts = tried_counts(most_absent)
    return [without(part, int(counts[i]), rng) for i, part in enumerate(np.array_split(calibration, counts.size))]


def _review(review: Threshold, threshold: Threshold) -> Threshold:
    """Hold the looser line at or below the other, which keeps the looser rate as well.

    Raises:
        CalibrationError: its rate is not looser than what an alarm budget came to.
    """
    if review.target_fpr <= threshold.target_fpr:
        raise CalibrationError(
            f"calibration.review_fpr ({review.target_fpr:g}) must be looser than the rate of samples that the alarm "
            f"budget allows ({threshold.target_fpr:.3g})"
        )
    return review.model_copy(update={"value": min(review.value, threshold.value)})
