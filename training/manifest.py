"""What the manifest says of a training run: the promise, the provenance, the measured figures."""

import importlib.metadata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from model.detectability import Detectability
from model.explanation import Explanation
from model.features import FeatureSpec
from model.manifest import FORMAT_VERSION, DetectorKind, FileEntry, Graphs, Manifest, MeasuredScore, Training
from model.modality import Backbone, Image, Window
from training.config import TrainingConfig
from training.golden import GOLDEN_RTOL, PIXEL_GOLDEN_RTOL
from training.history import TrainingHistory
from training.judge import JudgedTest
from training.libraries import library_versions
from training.served import ServedDetector

# What a baseline measures does not depend on the configuration; only the VAE's score is chosen.
SCORES: Mapping[DetectorKind, MeasuredScore] = {
    "pca": "mahalanobis",
    "mahalanobis": "mahalanobis",
    "knn": "distance",
}


@dataclass(frozen=True)
class Sections:
    """Parts of a manifest that some modalities have; ``score`` where it is not the configuration's to choose."""

    score: MeasuredScore | None = None
    window: Window | None = None
    image: Image | None = None
    backbone: Backbone | None = None
    explanation: Explanation | None = None
    detectability: Detectability | None = None


def training_section(
    created_at: datetime,
    fingerprint: str,
    rows: Mapping[str, int],
    metrics: Mapping[str, float],
    config: TrainingConfig,
) -> Training:
    """Say how the bundle was made: from which data, how many samples by part, what was measured."""
    return Training(
        created_at=created_at.isoformat(timespec="seconds"),
        data_fingerprint=fingerprint,
        config=config.model_dump(mode="json"),
        config_sha256=config.sha256(),
        code_version=importlib.metadata.version("plumbline"),
        libraries=library_versions(),
        seed=config.seed,
        rows=dict(rows),
        metrics=dict(metrics),
    )


def manifest_maker(
    name: str,
    version: int,
    spec: FeatureSpec,
    served: ServedDetector,
    training: Training,
    config: TrainingConfig,
    sections: Sections,
) -> Callable[[dict[str, FileEntry]], Manifest]:
    """Prepare everything of the manifest but the digests of the files, which the writer knows."""
    rtol = GOLDEN_RTOL if sections.image is None else PIXEL_GOLDEN_RTOL
    graphs = Graphs(precision=served.precision, latent_size=served.latent_size, score_rtol=rtol)

    def make(files: dict[str, FileEntry]) -> Manifest:
        return Manifest(
            format_version=FORMAT_VERSION,
            name=name,
            version=version,
            modality=config.modality,
            window=sections.window,
            image=sections.image,
            backbone=sections.backbone,
            features=spec.features,
            most_absent=spec.most_absent,
            detector=config.detector,
            score=sections.score or SCORES.get(config.detector, config.score),
            threshold=served.threshold,
            review_threshold=served.review,
            alarm_budget=served.alarm_budget,
            alarm=served.alarm,
            graphs=graphs,
            explanation=sections.explanation,
            detectability=sections.detectability,
            training=training,
            files=files,
        )

    return make


def run_identity(fingerprint: str, config: TrainingConfig) -> str:
    """Identify a run by all that its result follows from: data, configuration, code and torch."""
    code, torch = importlib.metadata.version("plumbline"), importlib.metadata.version("torch")
    return f"{fingerprint} {config.sha256()} plumbline {code} torch {torch}"


def run_metrics(history: TrainingHistory, served: ServedDetector, judged: JudgedTest | None) -> dict[str, float]:
    """Name what every run measures."""
    best = history.best
    metrics = {
        "validation_distortion": best.validation_distortion,
        "validation_rate": best.validation_rate,
        "validation_negative_elbo": best.validation_negative_elbo,
        "epochs": len(history.epochs),
        "skipped_steps": sum(record.skipped_steps for record in history.epochs),
        "training_seconds": round(history.seconds, 3),
        "parity_error": served.certificate.score_error,
    }
    if served.drift.p_value is not None:
        metrics["drift_p_value"] = served.drift.p_value
    if judged:
        test = judged.evaluation
        measured = {
            "test_auroc": test.auroc,
            "test_average_precision": test.average_precision,
            "test_false_alarm_rate": test.false_alarm_rate if test.clean_rows else None,
            "test_detection_rate": test.detection_rate if test.anomalous_rows else None,
        }
        metrics |= {name: value for name, value in measured.items() if value is not None}
    return metrics
