"""Everything that the report of a bundle shows.

n: calibration samples. F: features. Z: latent size. m: labelled test samples.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from model.alarm.rule import Alarm
from model.alarm_budget import AlarmBudget
from model.detectability import Detectability
from model.features import FeatureSpec
from model.manifest import DetectorKind, MeasuredScore
from model.threshold import Threshold, Verdict
from training.aggregated_posterior import AggregatedPosterior
from training.comparison import Comparison
from training.data_notes import DataNotes
from training.drift import Drift
from training.evaluate import Evaluation
from training.generalisation import Generalisation
from training.history import TrainingHistory
from training.report.suspects_table import SuspectsTable


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
class Calibration:
    """The threshold and what it was set on: calibration rows in time order, scored by the graph that is served.

    ``scores`` [n]; ``residuals`` [n, F] = (observed - reconstruction) / ``ReportData.scale``, of a window in its last
    step, None where samples have no features of their own; ``latents`` [n, Z] are posterior means. ``needed`` is the fewest samples that certify the rate. Every value is finite.
    """

    threshold: Threshold
    review: Threshold | None
    needed: int
    drift: Drift
    scores: NDArray[np.float64]
    residuals: NDArray[np.float64] | None
    latents: NDArray[np.float64]
    alarm_budget: AlarmBudget | None = None
    alarm: Alarm | None = None


@dataclass(frozen=True)
class LabelledTest:
    """Labelled rows that nothing was fitted to: ``scores`` [m], ``anomalous`` [m], ``latents`` [m, Z], all finite.

    ``invalid_rows`` could not be judged and are not among them; ``invalid`` are the first few sentences why.
    """

    evaluation: Evaluation
    scores: NDArray[np.float64]
    anomalous: NDArray[np.bool_]
    latents: NDArray[np.float64]
    invalid_rows: int = 0
    invalid: tuple[str, ...] = ()


@dataclass(frozen=True)
class Example:
    """One sample shown in full: ``observed`` and ``reconstruction`` [F] in engineering units."""

    title: str
    observed: NDArray[np.float64]
    reconstruction: NDArray[np.float64]
    score: float
    verdict: Verdict


@dataclass(frozen=True)
class Picture:
    """A picture in the report: ``drawing`` is SVG or HTML that stands inside a page, ``caption`` a few sentences."""

    title: str
    drawing: str
    caption: str


@dataclass(frozen=True)
class ReportData:
    """Everything the report shows.

    ``location`` and ``scale`` [F] are each feature's mean and standard deviation over the training rows; ``sample`` is
    what a sample is called.
    ``history`` and ``generalisation`` are the VAE's; the first is None where the bundle holds another detector. ``posterior`` is None
    where it has no latent. ``parity_error`` is the largest relative score difference between torch and ONNX Runtime over ``parity_samples``.
    """

    provenance: Provenance
    features: FeatureSpec
    location: NDArray[np.float64]
    scale: NDArray[np.float64]
    notes: DataNotes
    detector: DetectorKind
    history: TrainingHistory | None
    generalisation: Generalisation | None
    comparison: Comparison | None
    score: MeasuredScore
    precision: Literal["float32", "float64"]
    parity_error: float
    parity_samples: int
    calibration: Calibration
    test: LabelledTest | None
    examples: tuple[Example, ...]
    detectability: Detectability | None = None
    suspects: SuspectsTable | None = None
    posterior: AggregatedPosterior | None = None
    pictures: tuple[Picture, ...] = ()
    sample: str = "row"
