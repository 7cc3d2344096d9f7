"""From a trained detector to what is served: graphs that passed the gate, with a threshold that belongs to them."""

import copy
import logging
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from model.errors import ParityError
from model.features import FeatureSpec
from model.golden import Golden
from model.raw_scorer import RawScorer
from model.threshold import Threshold
from training.calibrate import calibrate
from training.certify import Certificate, certify, golden_samples, torch_scores
from training.config import TrainingConfig
from training.export import ExportedGraphs, export_graphs
from training.learn import TrainedDetector

log = logging.getLogger("plumbline.training")

Precision = Literal["float32", "float64"]


@dataclass(frozen=True)
class ServedDetector:
    """Graphs, threshold and golden samples; ``calibration_scores`` [n] stand in the order of the calibration rows."""

    graphs: ExportedGraphs
    precision: Precision
    threshold: Threshold
    review: Threshold | None
    calibration_scores: NDArray[np.float64]
    certificate: Certificate
    golden: Golden

    @property
    def raw(self) -> RawScorer:
        return RawScorer(self.graphs.scorer)


def make_served(
    detector: TrainedDetector, spec: FeatureSpec, calibration: NDArray[np.float64], config: TrainingConfig
) -> ServedDetector:
    """Export, calibrate on the exported graph and pass the parity gate, in float32 where that is exact enough.

    Raises:
        ParityError: the gate was not passed in float64 either.
        CalibrationError: the calibration rows cannot support the promise.
    """
    try:
        return _make(detector, spec, calibration, config, "float32")
    except ParityError as error:
        # Residuals far below a feature's own spread magnify float32 rounding; the network in float64 has none to magnify.
        log.info("the network is exported in float64: in float32, %s", error)
        return _make(detector, spec, calibration, config, "float64")


def _make(
    detector: TrainedDetector,
    spec: FeatureSpec,
    calibration: NDArray[np.float64],
    config: TrainingConfig,
    precision: Precision,
) -> ServedDetector:
    vae = detector.vae if precision == "float32" else copy.deepcopy(detector.vae).double()
    graphs = export_graphs(vae, detector.standardiser, detector.metric)
    raw = RawScorer(graphs.scorer)
    scores = raw.scores(calibration)
    rule, confidence = config.calibration.rule, config.calibration.confidence
    threshold = calibrate(scores, config.target_fpr, rule, confidence)
    looser = config.calibration.review_fpr
    review = None if looser is None else calibrate(scores, looser, rule, confidence)
    rng = np.random.default_rng(config.seed)
    golden = golden_samples(raw, spec, calibration, threshold, review, rng)
    valid = ~np.isnan(golden.scores)
    checked = np.vstack([calibration, golden.samples[valid]])
    reference = torch_scores(vae, detector.standardiser, detector.metric, checked)
    certificate = certify(graphs, reference, checked, tuple(line for line in (threshold, review) if line))
    return ServedDetector(graphs, precision, threshold, review, scores, certificate, golden)
