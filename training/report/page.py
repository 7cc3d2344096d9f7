"""The report of a bundle: one page from which a process engineer decides whether to trust the detector.

n: calibration rows. F: features. Z: latent size. m: labelled test rows.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
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
from training.alarm_sentence import alarm_sentence
from training.baseline_gate import conclude
from training.budget_sentence import budget_sentence
from training.comparison import Comparison
from training.drift import Drift
from training.evaluate import Evaluation
from training.generalisation import Generalisation
from training.history import TrainingHistory
from training.report import findings, plots, promise_findings, score_plots
from training.report.baselines import check_baselines, standing_rows
from training.report.detection_limits import check_detectability, limit_table
from training.report.feature_residuals import ResidualTable, residual_table
from training.report.generalisation import check_generalisation
from training.report.latent_map import LatentMap, latent_map
from training.report.posterior import check_posterior, latent_rows
from training.report.rate_choices import rate_choices
from training.report.sample_comparison import compare
from training.report.suspects_table import SuspectsTable
from training.report.template import fill

SCORES: dict[str, str] = {
    "l2": "the squared reconstruction error, standardised features weighted alike",
    "standardized": "the squared reconstruction error, each feature in units of its usual error on clean data",
    "mahalanobis": "the squared distance of the reconstruction error from that of clean data, correlations included",
    "joint": "the squared distance of reconstruction error and latent from those of clean data, correlations included",
    "neighbourhood": "the distance of readings and reconstruction error from the nearest clean rows, by how spread clean rows are there",
}
BASELINE_SCORES: dict[DetectorKind, str] = {
    "pca": "the squared distance from clean data under their principal components: within these and away from them",
    "mahalanobis": "the squared distance from the middle of clean data, correlations included, odd rows discounted",
    "knn": "the mean squared distance to the nearest clean rows",
}
NO_SCORES, NO_LABELS = np.empty(0), np.empty(0, dtype=np.bool_)


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
    ``incomplete_rows`` were left out because of them, ``reordered_rows`` stood out of time order and were moved to
    their place, ``repeated_rows`` equal an earlier row exactly, ``dropped_columns`` maps a column to the reason, ``excluded_rows`` were marked
    in the files ``excluded_by``.
    """

    rejected_rows: int = 0
    rejections: tuple[str, ...] = ()
    missing_values: Mapping[str, int] = field(default_factory=dict)
    incomplete_rows: int = 0
    reordered_rows: int = 0
    dropped_columns: Mapping[str, str] = field(default_factory=dict)
    repeated_rows: int = 0
    excluded_rows: int = 0
    excluded_by: tuple[str, ...] = ()


@dataclass(frozen=True)
class Calibration:
    """The threshold and what it was set on: calibration rows in time order, scored by the graph that is served.

    ``scores`` [n]; ``residuals`` [n, F] = (observed - reconstruction) / ``ReportData.scale``; ``latents`` [n, Z] are
    posterior means. ``needed`` is the fewest samples that certify the rate. Every value is finite.
    """

    threshold: Threshold
    review: Threshold | None
    needed: int
    drift: Drift
    scores: NDArray[np.float64]
    residuals: NDArray[np.float64]
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
class ReportData:
    """Everything the report shows.

    ``location`` and ``scale`` [F] are each feature's mean and standard deviation over the training rows.
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
    generalisation: Generalisation
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


def render_report(data: ReportData) -> bytes:
    """Return ``report/index.html``: UTF-8, self-contained, the same bytes for the same data."""
    return fill("page.html", _page(data))


def _page(data: ReportData) -> dict[str, object]:
    calibration, threshold, test = data.calibration, data.calibration.threshold, data.test
    verdict = findings.verdict(threshold, test.evaluation if test else None)
    above = int((calibration.scores > threshold.value).sum())
    effective = threshold.effective_count or threshold.calibration_count
    residuals = residual_table(calibration.residuals, data.features, data.scale)
    view = latent_map(calibration.latents) if calibration.latents.shape[1] else None
    return {
        "data": data,
        "promise": promise_findings.promise(threshold),
        "budget": budget_sentence(calibration.alarm_budget, threshold.method) if calibration.alarm_budget else None,
        "alarms": alarm_sentence(calibration.alarm, threshold.calibration_count) if calibration.alarm else None,
        "verdict": verdict,
        "tone": findings.worst(verdict),
        "findings": _findings(data, residuals),
        "score_meaning": BASELINE_SCORES.get(data.detector) or SCORES[data.score],
        "standings": standing_rows(data.comparison, data.detector) if data.comparison else (),
        "conclusion": conclude(data.comparison, data.detector) if data.comparison else None,
        "above": above,
        "effective": effective,
        "likely_rate": None
        if threshold.rule == "tail"
        else promise_findings.rate_interval(above, calibration.scores.size, effective),
        "choices": rate_choices(threshold, calibration.scores, test.scores, test.anomalous) if test else (),
        "comparisons": [
            compare(example.observed, example.reconstruction, data.features, data.scale, calibration.residuals)
            for example in data.examples
        ],
        "limits": limit_table(data.detectability, data.features) if data.detectability else None,
        "residuals": residuals,
        "view": view,
        "latent_rows": latent_rows(data.posterior) if data.posterior else (),
        "most_points": plots.MOST_POINTS,
        "plots": _plots(data, view),
    }


def _findings(data: ReportData, residuals: ResidualTable) -> list[findings.Finding]:
    threshold, notes = data.calibration.threshold, data.notes
    found = [
        promise_findings.check_certainty(threshold),
        promise_findings.check_independence(threshold, data.provenance.split),
        promise_findings.check_drift(data.calibration.drift),
        findings.check_residuals(residuals),
        *((check_posterior(data.posterior),) if data.posterior else ()),
        *((findings.check_training(data.history), check_generalisation(data.generalisation)) if data.history else ()),
        *((check_baselines(conclude(data.comparison, data.detector)),) if data.comparison else ()),
        findings.check_data(
            notes.rejected_rows,
            notes.incomplete_rows,
            _clean_rows(data),
        ),
        *(
            (findings.check_suspects(data.suspects.beyond_chance, data.suspects.by_chance, data.suspects.looked_at),)
            if data.suspects
            else ()
        ),
    ]
    if data.detectability:
        found.append(check_detectability(data.detectability, data.features))
    return sorted(found, key=lambda finding: findings.TONES.index(finding.tone))


def _clean_rows(data: ReportData) -> int:
    """Count the clean rows in use; cross-fitted calibration counts rows that are counted elsewhere."""
    rows, cross_fitted = data.provenance.rows, data.calibration.threshold.method == "cross_fitted"
    apart = ("test", "excluded", "calibration") if cross_fitted else ("test", "excluded")
    return sum(size for part, size in rows.items() if part not in apart)


def _plots(data: ReportData, view: LatentMap | None) -> dict[str, str]:
    calibration, test = data.calibration, data.test
    lines = score_plots.Lines(
        calibration.threshold.value,
        calibration.review.value if calibration.review else None,
        calibration.threshold.target_fpr,
    )
    scores, anomalous = (test.scores, test.anomalous) if test else (NO_SCORES, NO_LABELS)
    drawn = {
        "scores": score_plots.score_distribution(
            score_plots.groups_of(calibration.scores, scores[~anomalous], scores[anomalous]), lines
        ),
        "order": score_plots.scores_in_order(calibration.scores, lines),
    }
    if view:
        points = view.project(test.latents) if test else np.empty((0, 2))
        drawn["latents"] = plots.latent_scatter(view, points, anomalous)
    if data.history:
        drawn["loss"] = plots.loss_curves(data.history)
    if test and test.evaluation.auroc is not None:
        drawn["detection"] = plots.detection_curve(scores, anomalous, test.evaluation, calibration.threshold.target_fpr)
    return drawn
