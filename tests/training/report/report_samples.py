"""What reports are made of in tests: a sound detector's, and data that could garble a page."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from model.detectability import Detectability, DetectionLimit
from model.features import Feature, FeatureSpec
from model.threshold import CalibrationRule, Threshold, Verdict
from training.calibrate import calibrate, tolerance_minimum
from training.comparison import Comparison, Interval, Standing
from training.data_notes import DataNotes
from training.detectability import KINDS
from training.drift import find_drift
from training.evaluate import evaluate
from training.generalisation import Generalisation, Likelihood
from training.history import EpochRecord, TrainingHistory
from training.injected_faults import SIZES
from training.report.report_data import Calibration, Example, LabelledTest, Provenance, ReportData

NOTHING = Interval(0.0, 0.0, 0.0)
BY_KIND: dict[str, float] = dict.fromkeys(SIZES, 0.5)
COMPARISON = Comparison(
    {
        "vae": Standing(Interval(0.7, 0.65, 0.75), Interval(0.9, 0.8, 1.0), BY_KIND, NOTHING),
        "pca": Standing(Interval(0.6, 0.55, 0.65), Interval(0.9, 0.8, 1.0), BY_KIND, Interval(0.1, 0.05, 0.2)),
        "mahalanobis": Standing(Interval(0.5, 0.4, 0.6), NOTHING, BY_KIND, Interval(0.2, 0.1, 0.25)),
        "knn": Standing(NOTHING, NOTHING, dict.fromkeys(SIZES, 0.0), Interval(0.7, 0.6, 0.8)),
    },
    faults=96,
    features=4,
    rows=19_968,
)
HISTORY = TrainingHistory(
    tuple(
        EpochRecord(i, min(1.0, i / 5), 3 + 9 / i, 2 - 1 / i, 3.1 + 9 / i + 0.001 * i, 2 - 1 / i, 0)
        for i in range(1, 41)
    ),
    30,
    "no better for 10 epochs",
    213.0,
)


def labelled(
    scores: NDArray[np.float64], anomalous: NDArray[np.bool_], threshold: float, latent_size: int
) -> LabelledTest:
    latents = np.random.default_rng(2).normal(size=(scores.size, latent_size))
    return LabelledTest(evaluate(scores, anomalous, threshold), scores, anomalous, latents)


def certificate(spec: FeatureSpec, confidence: float | None = 0.95) -> Detectability:
    """Make up a certificate: every feature blinder than the one before, the last one blind."""
    limits = []
    for place, name in enumerate(spec.names):
        share = (place + 1) / len(spec)
        for kind in KINDS:
            missed = share == 1.0 or (kind == "decorrelation" and share > 0.5)
            largest = 1.0 if kind == "decorrelation" else 640.0
            limit = None if missed else float(f"{largest * share**4:.4g}")
            found = DetectionLimit(
                feature=name,
                kind=kind,
                limit=limit,
                tried=largest,
                found=0.0 if missed else 0.93,
                named_first=None if missed else 0.98,
            )
            limits.append(found)
    return Detectability(share=0.9, confidence=confidence, rows=300, largest=64.0, limits=tuple(limits))


def report_data(
    features: int = 4, latents: int = 3, count: int = 400, rule: CalibrationRule = "tolerance", target_fpr: float = 0.01
) -> ReportData:
    """Make up what a sound detector would report."""
    rng = np.random.default_rng(0)
    scores = rng.chisquare(features, size=count)
    threshold = calibrate(scores, target_fpr, rule, 0.95)
    test_scores = np.concatenate([rng.chisquare(features, size=300), 20 * rng.chisquare(features, size=60)])
    spec = FeatureSpec(features=tuple(Feature(name=f"sensor_{i}", unit="bar", low=-9) for i in range(features)))
    return ReportData(
        provenance=Provenance(
            name="pump",
            version=3,
            created_at="2026-03-14T08:21:07+00:00",
            code_version="0.1.0",
            seed=7,
            data_fingerprint="sha256:" + "3f" * 32,
            config_sha256="9b" * 32,
            sources=("clean.csv",),
            split="time",
            rows={"train": 900, "validation": 200, "calibration": count, "gap": 30, "test": 360},
            libraries={"torch": "2.11.0"},
        ),
        features=spec,
        location=np.linspace(0, 100, features),
        scale=np.linspace(0.1, 5, features),
        notes=DataNotes(),
        detector="vae",
        comparison=COMPARISON,
        history=HISTORY,
        generalisation=Generalisation(
            train=Likelihood(1000, 32, -4.4, -4.1, 0.05),
            validation=Likelihood(200, 32, -4.5, -4.2, 0.1),
            calibration=Likelihood(count, 32, -4.6, -4.3, 0.08),
            feature_count=features,
        ),
        score="mahalanobis",
        precision="float32",
        parity_error=3.1e-7,
        parity_samples=count,
        calibration=Calibration(
            threshold=threshold,
            review=None,
            needed=tolerance_minimum(target_fpr, 0.95),
            drift=find_drift(scores),
            scores=scores,
            residuals=0.3 * rng.normal(size=(count, features)),
            latents=rng.normal(size=(count, latents)),
        ),
        test=labelled(test_scores, np.arange(360) >= 300, threshold.value, latents),
        examples=(
            Example("A clean sample", np.zeros(features), np.full(features, 0.1), 3.0, Verdict.NORMAL),
            Example("A faulty sample", np.ones(features), np.zeros(features), 30.0, Verdict.ANOMALY),
        ),
        detectability=certificate(spec),
    )


def extreme_scores() -> ReportData:
    data = report_data()
    assert data.test is not None
    scores, latents = data.test.scores.copy(), data.test.latents.copy()
    scores[-5:], latents[-5:] = [1e30, 1e100, 1e300, 0.0, 1e-300], 1e30
    assert data.calibration.residuals is not None
    residuals = data.calibration.residuals.copy()
    residuals[:, 0] *= 1e30
    residuals[:, 1] = 0
    example = Example("Off", np.full(4, 1e30), np.zeros(4), 1e60, Verdict.ANOMALY)
    return replace(
        data,
        test=replace(data.test, scores=scores, latents=latents),
        calibration=replace(data.calibration, residuals=residuals),
        examples=(example,),
    )


def nothing_but_zero() -> ReportData:
    data = report_data()
    calibration = Calibration(
        threshold=data.calibration.threshold.model_copy(update={"value": 0.0}),
        review=None,
        needed=299,
        drift=find_drift(np.zeros(400)),
        scores=np.zeros(400),
        residuals=np.zeros((400, 4)),
        latents=np.zeros((400, 3)),
    )
    return replace(data, calibration=calibration, test=None)


def only(anomalous: bool) -> ReportData:
    data = report_data()
    assert data.test is not None
    kept = data.test.anomalous == anomalous
    test = labelled(data.test.scores[kept], data.test.anomalous[kept], data.calibration.threshold.value, 3)
    return replace(data, test=test)


def unusual_words() -> ReportData:
    data = report_data()
    names = ("温度 $x^2$ \\frac", "a" * 200, "R&D <b>", "\N{GRINNING FACE}")
    spec = FeatureSpec(features=tuple(Feature(name=name, unit="$") for name in names))
    return replace(data, features=spec, detectability=certificate(spec, confidence=None))


def five_calibration_rows() -> ReportData:
    scores = np.array([1.0, 2.0, 3.0, 2.5, 1.1])
    threshold = Threshold(value=3.0, target_fpr=0.2, rule="conformal", calibration_count=5)
    data = report_data(features=1, latents=1)
    calibration = Calibration(threshold, None, 14, find_drift(scores), scores, 0.1 * scores[:, None], scores[:, None])
    return replace(data, calibration=calibration, test=None, examples=())


def diverging_history() -> ReportData:
    data = report_data()
    wild = (replace(HISTORY.epochs[0], train_distortion=np.inf, train_rate=np.nan, skipped_steps=9),)
    return replace(data, history=replace(HISTORY, epochs=wild + HISTORY.epochs[1:]))


def with_review() -> ReportData:
    data = report_data()
    review = calibrate(data.calibration.scores, 0.05, "tolerance", 0.95)
    return replace(data, calibration=replace(data.calibration, review=review))


def without_latent() -> ReportData:
    data = report_data(latents=0)
    assert data.test is not None
    return replace(data, detector="knn", score="distance", history=None)


def one_epoch() -> ReportData:
    data = report_data()
    return replace(data, history=TrainingHistory(HISTORY.epochs[:1], 1, "all steps taken", 0.2))


EXTREMES: dict[str, Callable[[], ReportData]] = {
    "scores up to 1e300": extreme_scores,
    "nothing but zero": nothing_but_zero,
    "one feature, one latent": lambda: report_data(features=1, latents=1),
    "500 features": lambda: report_data(features=500, latents=40),
    "five calibration rows": five_calibration_rows,
    "only faulty test rows": lambda: only(anomalous=True),
    "only clean test rows": lambda: only(anomalous=False),
    "one epoch": one_epoch,
    "a detector without a latent, beaten": without_latent,
    "a first epoch without a finite loss": diverging_history,
    "words of any script": unusual_words,
    "a review threshold": with_review,
    "a rate of one half": lambda: report_data(rule="conformal", target_fpr=0.5),
}
