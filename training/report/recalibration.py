"""The report of a re-calibrated bundle: the threshold before and now, and whether the new clean data are like the old."""

from dataclasses import dataclass

import numpy as np

from model.manifest import Manifest
from model.threshold import Verdict
from training.calibrate import tolerance_minimum
from training.config import TrainingConfig
from training.recalibration.parent import ParentBundle
from training.recalibration.recalibrated import Recalibrated
from training.report import findings, promise_findings, score_plots
from training.report.inline_svg import PALETTE
from training.report.template import fill
from training.report.typography import percent, quantity

HIGHEST = 8  # of the new rows, those shown by name


@dataclass(frozen=True)
class HighRow:
    """One of the clean rows that score highest, and the feature that contributes most."""

    place: str
    score: float
    verdict: Verdict
    feature: str


@dataclass(frozen=True)
class RecalibrationReport:
    """Everything the page shows. ``manifest`` is that of the new bundle, its files left out."""

    manifest: Manifest
    parent: ParentBundle
    done: Recalibrated
    promise: TrainingConfig

    @property
    def needed(self) -> int:
        return tolerance_minimum(self.promise.target_fpr, self.promise.calibration.confidence)

    @property
    def above(self) -> int:
        return int((self.done.scores > self.done.threshold.value).sum())


def render_recalibration(data: RecalibrationReport) -> bytes:
    """Return ``report/index.html`` of a re-calibrated bundle: self-contained, the same bytes for the same data."""
    threshold = data.done.threshold
    compared = _compared(data)
    return fill(
        "recalibration.html",
        {
            "data": data,
            "made": data.manifest,
            "old": data.parent.manifest,
            "threshold": threshold,
            "shift": data.done.shift,
            "rows": data.done.rows,
            "compared": compared,
            "findings": _findings(data),
            "promise": promise_findings.promise(threshold),
            "likely_rate": None
            if threshold.rule == "tail"
            else promise_findings.rate_interval(data.above, data.done.scores.size, data.done.effective),
            "highest": _highest(data),
            "plots": _plots(data),
        },
    )


def _compared(data: RecalibrationReport) -> findings.Finding:
    shift = data.done.shift
    if shift is None:
        return findings.Finding(
            "note",
            "Another promise on the same clean data.",
            "The threshold was set anew on the calibration scores that the bundle held. They were not compared with newer "
            "clean data: whether the process still is what it was is not known from them.",
            "scores",
        )
    if shift.warning:
        headline = f"The new clean data score {'higher' if shift.risen else 'lower'} than the old."
        detail = f"{shift.warning[0].upper()}{shift.warning[1:]}."
        return findings.Finding("bad" if shift.risen else "caution", headline, detail, "scores")
    return findings.Finding(
        "good",
        "The new clean data score like the old.",
        f"The two distributions are at most {percent(shift.distance)} apart; a typical score was {quantity(shift.old_median)} "
        f"and is {quantity(shift.new_median)}.",
        "scores",
    )


def _findings(data: RecalibrationReport) -> list[findings.Finding]:
    done = data.done
    found = [promise_findings.check_certainty(done.threshold)]
    if done.rows is not None:
        source = done.rows.source
        found.append(promise_findings.check_independence(done.threshold, "time"))
        found.append(
            findings.check_data(source.rejections.count, source.incomplete_rows, len(source.values)),
        )
    return sorted(found, key=lambda finding: findings.TONES.index(finding.tone))


def _highest(data: RecalibrationReport) -> list[HighRow]:
    done, rows = data.done, data.done.rows
    if rows is None:
        return []
    chosen = np.argsort(-done.scores, kind="stable")[:HIGHEST]
    leading = data.parent.raw.explain(rows.x[chosen]).contribution.argmax(axis=1)
    return [
        HighRow(
            rows.place[row],
            float(done.scores[row]),
            Verdict.ANOMALY if done.scores[row] > done.threshold.value else Verdict.NORMAL,
            data.parent.spec.names[feature],
        )
        for row, feature in zip(chosen.tolist(), leading.tolist(), strict=True)
    ]


def _plots(data: RecalibrationReport) -> dict[str, str]:
    done, old = data.done, data.parent.manifest.threshold
    lines = score_plots.Lines(
        done.threshold.value, done.review.value if done.review else None, done.threshold.target_fpr, old.value
    )
    if done.rows is None:
        held = score_plots.Group("clean, calibration", done.scores, PALETTE["normal"])
        return {"scores": score_plots.score_distribution((held,), lines)}
    now = score_plots.Group("clean, now", done.scores, PALETTE["normal"])
    before = score_plots.Group("clean, before", data.parent.scores, PALETTE["ink"], "--")
    return {
        "scores": score_plots.score_distribution((now, before), lines),
        "order": score_plots.scores_in_order(done.scores, lines),
    }
