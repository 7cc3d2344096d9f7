"""The report of a bundle: one page from which a process engineer decides whether to trust the detector.

n: calibration rows. F: features. Z: latent size. m: labelled test rows.
"""

import numpy as np

from model.manifest import DetectorKind
from training.alarm_sentence import alarm_sentence
from training.baseline_gate import conclude
from training.budget_sentence import budget_sentence
from training.report import findings, plots, promise_findings, score_plots
from training.report.baselines import check_baselines, standing_rows
from training.report.detection_limits import check_detectability, limit_table
from training.report.feature_residuals import ResidualTable, residual_table
from training.report.generalisation import check_generalisation
from training.report.latent_map import LatentMap, latent_map
from training.report.posterior import check_posterior, latent_rows
from training.report.rate_choices import rate_choices
from training.report.report_data import ReportData
from training.report.sample_comparison import compare
from training.report.template import fill

SCORES: dict[str, str] = {
    "l2": "the squared reconstruction error, standardised features weighted alike",
    "standardized": "the squared reconstruction error, each feature in units of its usual error on clean data",
    "mahalanobis": "the squared distance of the reconstruction error from that of clean data, correlations included",
    "joint": "the squared distance of reconstruction error and latent from those of clean data, correlations included",
    "neighbourhood": "the distance of readings and reconstruction error from the nearest clean rows, by how spread clean rows are there",
    "spans": "the reconstruction error averaged over the last steps of a window, over spans short and long, each channel in units of its usual error there",
    "patches": "how edges and lines around each place of an image differ from what clean images have in common",
    "features": "how far a backbone's features of an image, the worst places and the whole, lie from clean ones and their reconstruction",
}
BASELINE_SCORES: dict[DetectorKind, str] = {
    "pca": "the squared distance from clean data under their principal components: within these and away from them",
    "mahalanobis": "the squared distance from the middle of clean data, correlations included, odd rows discounted",
    "knn": "the mean squared distance to the nearest clean rows",
}
NO_SCORES, NO_LABELS = np.empty(0), np.empty(0, dtype=np.bool_)


def render_report(data: ReportData) -> bytes:
    """Return ``report/index.html``: UTF-8, self-contained, the same bytes for the same data."""
    return fill("page.html", _page(data))


def _page(data: ReportData) -> dict[str, object]:
    calibration, threshold, test = data.calibration, data.calibration.threshold, data.test
    verdict = findings.verdict(threshold, test.evaluation if test else None)
    above = int((calibration.scores > threshold.value).sum())
    effective = threshold.effective_count or threshold.calibration_count
    clean_residuals = calibration.residuals
    residuals = None if clean_residuals is None else residual_table(clean_residuals, data.features, data.scale)
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
            compare(example.observed, example.reconstruction, data.features, data.scale, clean_residuals)
            for example in data.examples
            if clean_residuals is not None
        ],
        "limits": limit_table(data.detectability, data.features) if data.detectability else None,
        "residuals": residuals,
        "view": view,
        "latent_rows": latent_rows(data.posterior) if data.posterior else (),
        "most_points": plots.MOST_POINTS,
        "plots": _plots(data, view),
    }


def _findings(data: ReportData, residuals: ResidualTable | None) -> list[findings.Finding]:
    threshold, notes = data.calibration.threshold, data.notes
    found = [
        promise_findings.check_certainty(threshold),
        promise_findings.check_independence(threshold, data.provenance.split),
        promise_findings.check_drift(data.calibration.drift),
        *((findings.check_residuals(residuals),) if residuals else ()),
        *((check_posterior(data.posterior),) if data.posterior else ()),
        *((findings.check_training(data.history),) if data.history else ()),
        *((check_generalisation(data.generalisation),) if data.history and data.generalisation else ()),
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
