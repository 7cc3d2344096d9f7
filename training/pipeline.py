"""The whole of training, one stage a line: read, split, learn, export and calibrate, judge, report, bundle."""

import logging
from datetime import UTC, datetime
from pathlib import Path

from model.bundle import CALIBRATION, GOLDEN, calibration_npy, posteriors_npy, sketch_npy
from model.bundle_writer import publish_next, write_bundle
from model.explanation import SKETCH
from model.latent_draws import POSTERIORS
from model.signing.signing_key import SigningKey
from training.absence_rates import absence_metrics, measure_absence, tell_absence
from training.account import account_for, tell_detectability, tell_generalisation, tell_result
from training.baseline_gate import tell_comparison
from training.baselines.candidates import fit_candidates
from training.checkpoint import Checkpoint
from training.clean_data import read_clean_data
from training.comparison import compare_detectors
from training.config import TrainingConfig
from training.detectability import measure_detectability
from training.explanation import keep_for_explaining
from training.judge import judge_labelled
from training.labelled import Labelled, read_labelled
from training.learn import learn_detector
from training.left_out import notes_of, tell_excluded, tell_left_out
from training.likelihood import measure_generalisation
from training.manifest import Sections, manifest_maker, run_identity, run_metrics, training_section
from training.posteriors import study_posteriors, tell_posterior
from training.progress import OnEpoch
from training.promise import cross_fitted_scores, plan_calibration
from training.promise_log import tell_calibration, tell_fold, tell_plan
from training.report.page import render_report
from training.served import make_served
from training.suspects.csv_file import SUSPECTS, suspects_csv
from training.suspects.exclude import leave_out_marked
from training.suspects.search import search_suspects, tell_suspects

log = logging.getLogger("plumbline.training")


def train_bundle(
    inputs: tuple[str, ...],
    out: Path,
    config: TrainingConfig,
    labelled: Labelled | None,
    exclude: tuple[Path, ...] = (),
    signing_key: SigningKey | None = None,
    *,
    resume: bool,
    on_epoch: OnEpoch,
) -> Path:
    """Train a detector on clean data and write it as the next version below ``out`` (``models/NAME``).

    Rows that an expert marked in the lists ``exclude`` are left out.

    Raises:
        InputError: data or configuration that cannot be used.
        GateError: training diverged, the graphs do not reproduce the model, or the promise cannot be supported.
    """
    created_at = datetime.now(UTC)
    clean = leave_out_marked(read_clean_data(inputs, config, labelled.label if labelled else None), exclude)
    tell_left_out(notes_of(clean))
    tell_excluded(clean.excluded)
    plan = plan_calibration(len(clean.values), clean.group, config)
    split = plan.split
    test = read_labelled(labelled, clean.spec) if labelled else None
    tell_plan(clean, plan, config)
    out_of_fold = cross_fitted_scores(clean, config, tell_fold) if plan.method == "cross_fitted" else None

    train, validation, calibration = (clean.values[rows] for rows in (split.train, split.validation, split.calibration))
    checkpoint = Checkpoint(
        out / ".training" / "checkpoint.safetensors", run_identity(clean.fingerprint, config), resume
    )
    with checkpoint.continuable():
        detector = learn_detector(train, validation, clean.spec, config, checkpoint, on_epoch)
    unseen = clean.values[plan.unseen]
    generalisation = measure_generalisation(detector.vae, detector.standardiser, train, validation, unseen, config.seed)
    tell_generalisation(generalisation)
    candidates = fit_candidates(detector.graphs, train, validation, config.seed)
    comparison = compare_detectors(candidates, unseen, config)
    tell_comparison(comparison, config.detector)
    groups = None if clean.group is None else clean.group[split.calibration]
    served = make_served(
        candidates[config.detector], clean.spec, calibration, config, groups=groups, out_of_fold=out_of_fold
    )
    tell_calibration(served)
    posteriors = study_posteriors(served.graphs.encoder, train, unseen, config.explanation.sketch_rows)
    tell_posterior(posteriors)
    detectability = measure_detectability(
        served.raw, served.threshold.value, unseen, clean.spec, train.std(axis=0), config.seed
    )
    tell_detectability(detectability, clean.spec)
    absence = measure_absence(served.raw, served.threshold.value, unseen, clean.spec.most_absent, config.seed)
    tell_absence(absence, served.threshold.target_fpr)

    kept = keep_for_explaining(served.raw, clean, split.train, plan.unseen, config.explanation.sketch_rows, config.seed)
    suspects = search_suspects(clean, config)
    judged = judge_labelled(test, served, clean.spec) if test else None
    files = {
        **served.graphs.files(),
        CALIBRATION: calibration_npy(served.calibration_scores),
        GOLDEN: served.golden.to_npz(),
        **({} if kept.sketch is None else {SKETCH: sketch_npy(kept.sketch)}),
        **({POSTERIORS: posteriors_npy(posteriors.kept)} if posteriors and posteriors.kept is not None else {}),
    }
    if suspects:
        files[SUSPECTS] = suspects_csv(suspects, clean)

    sections = Sections(explanation=kept.explanation, detectability=detectability)
    training = training_section(
        created_at,
        clean.fingerprint,
        split.counts()
        | ({"excluded": len(clean.excluded.places)} if clean.excluded.places else {})
        | ({"test": len(judged.x)} if judged else {}),
        run_metrics(detector.history, served, judged)
        | generalisation.metrics()
        | comparison.metrics()
        | absence_metrics(absence)
        | (posteriors.figures.metrics() if posteriors else {}),
        config,
    )

    def publish(version: int) -> Path:
        make_manifest = manifest_maker(out.name, version, clean.spec, served, training, config, sections)
        manifest = make_manifest({})
        data = account_for(
            manifest,
            clean,
            split,
            config,
            detector.history,
            generalisation,
            comparison,
            served,
            judged,
            suspects,
            calibration,
            posteriors.figures if posteriors else None,
        )
        return write_bundle(out, make_manifest, {**files, "report/index.html": render_report(data)}, signing_key)

    bundle = publish_next(out, publish)
    checkpoint.discard()
    tell_result(bundle, served, judged)
    if suspects:
        tell_suspects(suspects, clean, bundle / SUSPECTS)
    return bundle
