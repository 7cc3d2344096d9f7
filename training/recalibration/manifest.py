"""What the manifest of a re-calibrated bundle says: the parent's graphs, another promise, whose child it is."""

import importlib.metadata
from collections.abc import Callable
from datetime import datetime

from model.manifest import FORMAT_VERSION, FileEntry, Manifest, Parent, Training
from training.libraries import CALIBRATING, library_versions
from training.recalibration.parent import ParentBundle
from training.recalibration.recalibrated import Recalibrated

# What training measured that no threshold has a part in. Whatever else it measured was true of the parent's threshold.
TRUE_OF_ANY_THRESHOLD = (
    "train_", "validation_", "epochs", "skipped_steps", "training_seconds", "parity_error", "test_auroc",
    "test_average_precision",
)  # fmt: skip
TRUE_OF_THE_SAME_ROWS = ("calibration_", "drift_p_value")


def manifest_maker(
    name: str, version: int, created_at: datetime, parent: ParentBundle, done: Recalibrated
) -> Callable[[dict[str, FileEntry]], Manifest]:
    """Prepare everything of the manifest but the digests of the files. What is not named here, a child does not have."""
    of = parent.manifest
    training = Training(
        created_at=created_at.isoformat(timespec="seconds"),
        data_fingerprint=of.training.data_fingerprint,
        calibration_fingerprint=done.rows.source.fingerprint if done.rows else of.training.calibration_fingerprint,
        config=of.training.config,
        config_sha256=of.training.config_sha256,
        code_version=importlib.metadata.version("plumbline"),
        libraries=of.training.libraries | library_versions(CALIBRATING),
        seed=of.training.seed,
        rows={part: rows for part, rows in of.training.rows.items() if part != "test"}
        | {"calibration": done.scores.size},
        metrics=_metrics(parent, done),
    )

    def make(files: dict[str, FileEntry]) -> Manifest:
        return Manifest(
            format_version=FORMAT_VERSION,
            name=name,
            version=version,
            modality=of.modality,
            window=of.window,
            image=of.image,
            backbone=of.backbone,
            features=of.features,
            most_absent=of.most_absent,
            detector=of.detector,
            score=of.score,
            threshold=done.threshold,
            review_threshold=done.review,
            alarm=done.alarm,
            graphs=of.graphs,
            explanation=of.explanation,
            parent=Parent(name=of.name, version=of.version, digest=parent.bundle.digest),
            training=training,
            files=files,
        )

    return make


def _metrics(parent: ParentBundle, done: Recalibrated) -> dict[str, float]:
    kept = parent.manifest.training.metrics.items()
    true = TRUE_OF_ANY_THRESHOLD if done.rows else (*TRUE_OF_ANY_THRESHOLD, *TRUE_OF_THE_SAME_ROWS)
    metrics = {name: value for name, value in kept if name.startswith(true)}
    if done.shift is not None:
        metrics["parent_false_alarm_rate"] = done.shift.old_rate
        metrics["score_shift"] = done.shift.distance
        metrics["score_shift_p_value"] = done.shift.p_value
    return metrics
