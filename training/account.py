"""Telling the engineer: log lines while the run goes, and everything the report shows."""

import logging
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from model.detectability import Detectability
from model.features import FeatureSpec
from model.manifest import Manifest
from model.threshold import Verdict
from training.aggregated_posterior import AggregatedPosterior
from training.calibrate import tolerance_minimum
from training.clean_data import CleanData
from training.comparison import Comparison
from training.config import TrainingConfig
from training.generalisation import Generalisation
from training.history import TrainingHistory
from training.judge import JudgedTest
from training.left_out import notes_of
from training.report.detection_limits import extremes, named_first
from training.report.report_data import Calibration, Example, LabelledTest, Provenance, ReportData
from training.report.suspects_table import suspects_table
from training.report.typography import NO_BREAK
from training.served import ServedDetector
from training.split import Split
from training.suspects.suspect import Suspects

log = logging.getLogger("plumbline.training")


def tell_generalisation(found: Generalisation) -> None:
    """Log how likely clean rows are that moved no weight, beside those that did."""
    train, calibration = found.train, found.calibration
    log.info(
        "log-likelihood of a clean row: %.2f nats (ELBO %.2f) where it was learned from, %.2f (ELBO %.2f) where it was not",
        train.log_likelihood, train.elbo, calibration.log_likelihood, calibration.elbo,
    )  # fmt: skip


def tell_detectability(detectability: Detectability, spec: FeatureSpec) -> None:
    """Log where the detector is blind and where it is sharp, and how often it names the right sensor."""
    confidence = f" with {100 * detectability.confidence:g}% confidence" if detectability.confidence else ""
    log.info(
        "detectability, %.0f%% of faulty rows found%s: %s",
        100 * detectability.share, confidence, extremes(detectability, spec).replace(NO_BREAK, " "),
    )  # fmt: skip
    right = named_first(detectability)
    if right is not None:
        log.info(
            "of faults just large enough to be found, the right sensor is named first in %.1f %% (%d sensors, six kinds, %d rows each)",
            100 * right, len(detectability.of("bias")), detectability.rows,
        )  # fmt: skip


def tell_result(bundle: Path, served: ServedDetector, judged: JudgedTest | None) -> None:
    """Log what the labelled test showed, and where everything is."""
    if judged:
        test = judged.evaluation
        if test.clean_rows:
            log.info(
                "false-alarm rate promised %.3g, achieved %.3g (95 %% interval %.3g to %.3g) on %s clean test rows",
                served.threshold.target_fpr, test.false_alarm_rate, *test.false_alarm_interval, f"{test.clean_rows:,}",
            )  # fmt: skip
        if test.anomalous_rows:
            log.info(
                "detection rate %.3g (95 %% interval %.3g to %.3g) on %s anomalous test rows%s",
                test.detection_rate, *test.detection_interval, f"{test.anomalous_rows:,}",
                "" if test.auroc is None else f", AUROC {test.auroc:.4f}",
            )  # fmt: skip
        if judged.invalid.count:
            log.warning("%s test rows cannot be judged; %s", judged.invalid.count, judged.invalid.sentences[0])
    log.info("report: %s", bundle / "report" / "index.html")
    log.info("bundle: %s", bundle)


def account_for(
    manifest: Manifest,
    clean: CleanData,
    split: Split,
    config: TrainingConfig,
    history: TrainingHistory,
    generalisation: Generalisation,
    comparison: Comparison,
    served: ServedDetector,
    judged: JudgedTest | None,
    suspects: Suspects | None,
    calibration: NDArray[np.float64],
    posterior: AggregatedPosterior | None,
) -> ReportData:
    """Gather what the report shows."""
    train = clean.values[split.train]
    scale = train.std(axis=0)
    return ReportData(
        provenance=provenance_of(manifest, clean.sources, config),
        features=clean.spec,
        location=train.mean(axis=0),
        scale=scale,
        notes=notes_of(clean),
        detector=manifest.detector,
        history=history if manifest.detector == "vae" else None,
        generalisation=generalisation,
        comparison=comparison,
        score=manifest.score,
        precision=served.precision,
        parity_error=served.certificate.score_error,
        parity_samples=served.certificate.samples,
        calibration=calibration_of(
            served,
            config,
            residuals=(calibration - served.raw.explain(calibration).reconstruction) / scale,
            latents=served.latents(calibration),
        ),
        test=labelled_test(judged) if judged else None,
        suspects=suspects_table(suspects, clean, in_order=config.split.by != "random") if suspects else None,
        examples=_examples(served, calibration, clean, split, judged),
        detectability=manifest.detectability,
        posterior=posterior,
    )


def provenance_of(manifest: Manifest, sources: tuple[str, ...], config: TrainingConfig) -> Provenance:
    """Say where a bundle comes from."""
    training = manifest.training
    return Provenance(
        name=manifest.name,
        version=manifest.version,
        created_at=training.created_at,
        code_version=training.code_version,
        seed=training.seed,
        data_fingerprint=training.data_fingerprint,
        config_sha256=training.config_sha256,
        sources=sources,
        split=config.split.by,
        rows=training.rows,
        libraries=training.libraries,
    )


def calibration_of(
    served: ServedDetector,
    config: TrainingConfig,
    *,
    residuals: NDArray[np.float64] | None,
    latents: NDArray[np.float64],
) -> Calibration:
    """Say what the threshold stands on, with residuals [n, F] and latents [n, Z] of calibration samples."""
    return Calibration(
        threshold=served.threshold,
        review=served.review,
        alarm_budget=served.alarm_budget,
        alarm=served.alarm,
        needed=tolerance_minimum(served.threshold.target_fpr, config.calibration.confidence),
        drift=served.drift,
        scores=served.calibration_scores,
        residuals=residuals,
        latents=latents,
    )


def labelled_test(judged: JudgedTest) -> LabelledTest:
    """Say what labelled samples showed."""
    return LabelledTest(
        evaluation=judged.evaluation,
        scores=judged.scores,
        anomalous=judged.anomalous,
        latents=judged.latents,
        invalid_rows=judged.invalid.count,
        invalid=tuple(judged.invalid.sentences),
    )


def _examples(
    served: ServedDetector,
    calibration: NDArray[np.float64],
    clean: CleanData,
    split: Split,
    judged: JudgedTest | None,
) -> tuple[Example, ...]:
    """Show a typical and the strangest clean row, and of the anomalous ones the clearest, a typical and the faintest."""
    by_score = np.argsort(served.calibration_scores, kind="stable")
    chosen = [
        (f"{title}: {clean.place[split.calibration[row]]}", calibration[row], served.calibration_scores[row])
        for title, row in (("Typical clean row", by_score[by_score.size // 2]), ("Strangest clean row", by_score[-1]))
    ]
    # What is shown is shown whole: no value of it is absent.
    x = judged.x[:] if judged else calibration[:0]
    whole = np.flatnonzero(judged.anomalous & ~np.isnan(x).any(axis=1)) if judged else np.empty(0, dtype=np.intp)
    if judged and whole.size:
        rows = whole[np.argsort(judged.scores[whole], kind="stable")]
        picks = (
            ("Clearest anomaly", rows[-1]),
            ("Typical anomaly", rows[rows.size // 2]),
            ("Faintest anomaly", rows[0]),
        )
        chosen += [(title, x[row], judged.scores[row]) for title, row in picks]
    explained = served.raw.explain(np.array([observed for _, observed, _ in chosen]))
    return tuple(
        Example(title, observed, reconstruction, float(score), _verdict(float(score), served))
        for (title, observed, score), reconstruction in zip(chosen, explained.reconstruction, strict=True)
    )


def _verdict(score: float, served: ServedDetector) -> Verdict:
    if score > served.threshold.value:
        return Verdict.ANOMALY
    return Verdict.REVIEW if served.review and score > served.review.value else Verdict.NORMAL
