"""From a learned detector of windows or images to its bundle: the stages that both share.

n: calibration samples. F: features (channels).
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from model.bundle import CALIBRATION, GOLDEN, calibration_npy, posteriors_npy
from model.bundle_writer import publish_next, write_bundle
from model.detector_graphs import DetectorGraphs
from model.latent_draws import POSTERIORS
from model.signing.signing_key import SigningKey
from training.account import tell_result
from training.calibrate import require_enough
from training.clean_samples import CleanSamples, LabelledSamples
from training.config import TrainingConfig
from training.history import TrainingHistory
from training.judge import JudgedTest, judge_samples
from training.manifest import Sections, manifest_maker, run_metrics, training_section
from training.posteriors import study_posteriors, tell_posterior
from training.promise import needed_rows
from training.promise_log import tell_calibration
from training.report.page import render_report
from training.report.report_data import Picture
from training.sample_account import account_for_samples
from training.served import ServedDetector, make_served

log = logging.getLogger("plumbline.training")


@dataclass(frozen=True)
class Finish:
    """What a modality adds to its bundle: parts of the manifest, and pictures for the report."""

    sections: Sections
    pictures: tuple[Picture, ...]


def tell_samples(clean: CleanSamples, config: TrainingConfig) -> None:
    """Log how samples are shared out and what the promise takes, or refuse before anything is learned.

    Raises:
        CalibrationError: too few of them to calibrate on; names how many it takes.
    """
    counts, budget = clean.counts, config.calibration.budget
    log.info(
        "clean %ss: %s train, %s validation, %s calibration, %s rows left out as gaps", clean.called,
        *(f"{counts[part]:,}" for part in ("train", "validation", "calibration", "gap")),
    )  # fmt: skip
    if budget is None:
        require_enough(
            len(clean.calibration), config.target_fpr, config.calibration.rule, config.calibration.confidence
        )
        log.info(
            "certifying a false-alarm rate of %.3g with %.0f %% confidence takes %s independent clean calibration samples",
            config.target_fpr, 100 * config.calibration.confidence, f"{needed_rows(config):,}",
        )  # fmt: skip


def bundle_samples(
    out: Path,
    created_at: datetime,
    clean: CleanSamples,
    graphs: DetectorGraphs,
    history: TrainingHistory,
    test: LabelledSamples | None,
    config: TrainingConfig,
    finish: Callable[[ServedDetector, JudgedTest | None], Finish],
    signing_key: SigningKey | None,
) -> Path:
    """Export, calibrate, judge, report, and write the next version below ``out``.

    Raises:
        GateError: the graphs do not reproduce the model, or the promise cannot be supported.
    """
    served = make_served(
        graphs, clean.spec, clean.calibration, config, groups=clean.groups, out_of_fold=clean.out_of_fold
    )
    tell_calibration(served)
    posteriors = study_posteriors(served.graphs.encoder, clean.train, clean.calibration, config.explanation.sketch_rows)
    tell_posterior(posteriors)
    judged = judge_samples(test.x, test.anomalous, test.place, test.rejections, served) if test else None
    added = finish(served, judged)
    figures = posteriors.figures if posteriors else None
    training = training_section(
        created_at,
        clean.fingerprint,
        {**clean.counts, **({"test": len(judged.x)} if judged else {})},
        run_metrics(history, served, judged) | (figures.metrics() if figures else {}),
        config,
    )
    files = {
        **served.graphs.files(),
        CALIBRATION: calibration_npy(served.calibration_scores),
        GOLDEN: served.golden.to_npz(),
        **({POSTERIORS: posteriors_npy(posteriors.kept)} if posteriors and posteriors.kept is not None else {}),
    }

    def publish(version: int) -> Path:
        make_manifest = manifest_maker(out.name, version, clean.spec, served, training, config, added.sections)
        data = account_for_samples(make_manifest({}), clean, config, history, served, judged, figures, added.pictures)
        return write_bundle(out, make_manifest, {**files, "report/index.html": render_report(data)}, signing_key)

    bundle = publish_next(out, publish)
    tell_result(bundle, served, judged)
    return bundle
