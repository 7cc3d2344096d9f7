"""The report of a bundle: one page from which a process engineer decides whether to trust the detector.

n: calibration rows. F: features. Z: latent size. m: labelled test rows.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from model.features import FeatureSpec
from model.manifest import ScoreKind
from model.threshold import Threshold, Verdict
from training.evaluate import Evaluation
from training.history import EpochRecord


@dataclass(frozen=True)
class Provenance:
    """Where the bundle comes from. ``rows`` counts by part, in the order to show: train, gap, validation, ..., test."""

    name: str
    version: int
    created_at: str
    code_version: str
    seed: int
    data_fingerprint: str
    config_sha256: str
    sources: tuple[str, ...]
    split: Literal["time", "group", "random"]
    rows: Mapping[str, int]
    libraries: Mapping[str, str]


@dataclass(frozen=True)
class DataNotes:
    """What reading the data left out, and why.

    ``rejections`` are the first few sentences about the ``rejected_rows``, ``missing_values`` counts by column,
    ``incomplete_rows`` were left out because of them, ``dropped_columns`` maps a column to the reason.
    """

    rejected_rows: int = 0
    rejections: tuple[str, ...] = ()
    missing_values: Mapping[str, int] = MappingProxyType({})
    incomplete_rows: int = 0
    dropped_columns: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True)
class TrainingHistory:
    """How the fit went: one record per epoch, the epoch whose weights were kept, wall-clock seconds."""

    epochs: tuple[EpochRecord, ...]
    best_epoch: int
    stop_reason: str
    seconds: float


@dataclass(frozen=True)
class Calibration:
    """The threshold and what it was set on: calibration rows in time order, scored by the graph that is served.

    ``scores`` [n]; ``residuals`` [n, F] = (observed - reconstruction) / ``ReportData.scale``; ``latents`` [n, Z] are
    posterior means. ``needed`` is the fewest samples that certify the rate. Every value is finite.
    """

    threshold: Threshold
    review: Threshold | None
    needed: int
    scores: NDArray[np.float64]
    residuals: NDArray[np.float64]
    latents: NDArray[np.float64]


@dataclass(frozen=True)
class LabelledTest:
    """Labelled rows that nothing was fitted to: ``scores`` [m], ``anomalous`` [m], ``latents`` [m, Z], all finite."""

    evaluation: Evaluation
    scores: NDArray[np.float64]
    anomalous: NDArray[np.bool_]
    latents: NDArray[np.float64]


@dataclass(frozen=True)
class Example:
    """One sample shown in full: ``observed`` and ``reconstruction`` [F] in engineering units."""

    title: str
    observed: NDArray[np.float64]
    reconstruction: NDArray[np.float64]
    score: float
    verdict: Verdict


@dataclass(frozen=True)
class ReportData:
    """Everything the report shows.

    ``location`` and ``scale`` [F] are each feature's mean and standard deviation over the training rows.
    ``parity_error`` is the largest relative score difference between torch and ONNX Runtime over ``parity_samples``.
    """

    provenance: Provenance
    features: FeatureSpec
    location: NDArray[np.float64]
    scale: NDArray[np.float64]
    notes: DataNotes
    history: TrainingHistory
    score: ScoreKind
    precision: Literal["float32", "float64"]
    parity_error: float
    parity_samples: int
    calibration: Calibration
    test: LabelledTest | None
    examples: tuple[Example, ...]


def render_report(data: ReportData) -> bytes:
    """Return ``report/index.html``: UTF-8, self-contained, the same bytes for the same data."""
    return f"<!doctype html><title>{data.provenance.name}</title>".encode()
