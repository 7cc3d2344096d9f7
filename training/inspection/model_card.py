"""What a bundle says of itself, in the words and order in which an engineer asks."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model.bundle import Bundle
from model.detectability import Detectability
from model.features import Feature
from model.scorer import NORMAL
from model.threshold import Threshold
from training.alarm_sentence import alarm_sentence
from training.budget_sentence import budget_sentence
from training.report.detection_limits import LimitTable, limit_table
from training.report.promise_findings import promise
from training.report.typography import NO_BREAK, count, percent, quantity

RULES = {
    "tolerance": "tolerance limit, certified",
    "conformal": "conformal, right on average, not certified",
    "tail": "generalised-Pareto tail fit, extrapolated, not certified",
}
SCORES = {
    "l2": "squared reconstruction error, standardised features weighted alike",
    "standardized": "squared reconstruction error, each feature in units of its usual error",
    "mahalanobis": "squared distance of the reconstruction error from that of clean data",
    "joint": "squared distance of reconstruction error and latent from those of clean data",
}


@dataclass(frozen=True)
class Section:
    """Facts under one heading: label and value; both may hold a bundle's own text, as it is."""

    title: str
    facts: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class ModelCard:
    """``promised`` is the promise as a sentence; ``spread`` [F] is how far readings usually vary, NaN where unknown.

    ``limits`` set the detectability certificate as a table, where the bundle has one.
    """

    name: str
    version: int
    digest: str
    created_at: str
    promised: str
    sections: tuple[Section, ...]
    features: tuple[Feature, ...]
    spread: NDArray[np.float64]
    threshold: Threshold
    calibration: NDArray[np.float64]
    review: Threshold | None
    detectability: Detectability | None
    limits: LimitTable | None


def model_card(bundle: Bundle) -> ModelCard:
    """Gather what ``bundle``, verified, says of itself."""
    manifest = bundle.manifest
    sections = (
        Section("Promise", _promise(bundle)),
        Section("Measured on labelled data", _measured(manifest.training.metrics)),
        Section("Generalisation", _generalisation(manifest.training.metrics)),
        Section("Training data", _data(bundle)),
        Section("Where it comes from", _origin(bundle)),
    )
    return ModelCard(
        name=manifest.name,
        version=manifest.version,
        digest=bundle.digest,
        created_at=manifest.training.created_at.replace("T", " ").replace("+00:00", " UTC"),
        promised=promise(manifest.threshold),
        sections=tuple(section for section in sections if section.facts),
        features=manifest.features,
        spread=_spread(bundle),
        threshold=manifest.threshold,
        calibration=bundle.calibration,
        review=manifest.review_threshold,
        detectability=manifest.detectability,
        limits=limit_table(manifest.detectability, manifest.feature_spec) if manifest.detectability else None,
    )


def _promise(bundle: Bundle) -> tuple[tuple[str, str], ...]:
    threshold, review = bundle.manifest.threshold, bundle.manifest.review_threshold
    above, n = int((bundle.calibration > threshold.value).sum()), bundle.calibration.size
    facts = [
        ("False alarms allowed", percent(threshold.target_fpr)),
        ("Threshold", quantity(threshold.value, 5)),
        ("Rule", RULES[threshold.rule]),
        ("Confidence", percent(threshold.confidence) if threshold.confidence else "none"),
        ("Calibration samples", f"{count(n)}, {count(above)} of them above the threshold ({percent(above / n)})"),
    ]
    if threshold.effective_count is not None:
        worth = count(threshold.effective_count, "independent sample")
        facts.append(("Worth, given repetition in time", f"about {worth}"))
    budget = bundle.manifest.alarm_budget
    if budget:
        facts.append(("Alarm budget, in episodes", budget_sentence(budget, threshold.method)))
    alarm = bundle.manifest.alarm
    if alarm:
        facts.append(("Alarms of a stream", alarm_sentence(alarm, n)))
    if review:
        facts.append(
            ("For review above", f"{quantity(review.value, 5)}, {percent(review.target_fpr)} of clean samples")
        )
    return tuple(facts)


def _measured(metrics: Mapping[str, float]) -> tuple[tuple[str, str], ...]:
    shown = {
        "test_false_alarm_rate": ("False alarms on further clean data", percent),
        "test_detection_rate": ("Faulty samples detected", percent),
        "test_auroc": ("A faulty sample scores above a clean one (AUROC)", percent),
        "test_average_precision": ("Average precision", percent),
    }
    return tuple((label, as_text(metrics[name])) for name, (label, as_text) in shown.items() if name in metrics)


def _generalisation(metrics: Mapping[str, float]) -> tuple[tuple[str, str], ...]:
    return tuple(
        (
            f"Log-likelihood, {part} rows",
            f"{quantity(metrics[f'{part}_log_likelihood'], 4)}{NO_BREAK}nats a row (ELBO {quantity(metrics[f'{part}_elbo'], 4)})",
        )
        for part in ("train", "validation", "calibration")
        if f"{part}_log_likelihood" in metrics and f"{part}_elbo" in metrics
    )


def _data(bundle: Bundle) -> tuple[tuple[str, str], ...]:
    training = bundle.manifest.training
    rows = tuple((f"Rows, {part}", count(number)) for part, number in training.rows.items())
    return (*rows, ("Fingerprint", training.data_fingerprint))


def _origin(bundle: Bundle) -> tuple[tuple[str, str], ...]:
    manifest = bundle.manifest
    training, size = manifest.training, manifest.graphs.latent_size
    parent = manifest.parent
    calibrated = (
        f"{parent.name}, version {parent.version}, sha256:{parent.digest}" if parent else "none, it was trained"
    )
    return (
        ("Calibrated anew from", calibrated),
        ("Plumbline", training.code_version),
        ("Score", SCORES.get(manifest.score, manifest.score)),
        ("Detector", manifest.detector),
        ("Graphs", f"{'no latent' if size is None else count(size, 'latent number')}, in {manifest.graphs.precision}"),
        ("Seed", str(training.seed)),
        ("Configuration", f"sha256:{training.config_sha256}"),
        ("Libraries", ", ".join(f"{name} {version}" for name, version in training.libraries.items())),
        ("Digest", bundle.digest),
    )


def _spread(bundle: Bundle) -> NDArray[np.float64]:
    if bundle.manifest.explanation is not None:
        return np.array([reading.scale for reading in bundle.manifest.explanation.readings])
    clean = bundle.golden.samples[bundle.golden.verdicts == NORMAL]
    return clean.std(axis=0) if len(clean) > 1 else np.full(len(bundle.manifest.features), np.nan)
