"""Training on a time series, one stage a line: read, cut into windows, learn, export and calibrate, judge, bundle."""

import logging
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from model.modality import Window
from model.signing.signing_key import SigningKey
from training.checkpoint import Checkpoint
from training.clean_samples import CleanSamples
from training.config import TrainingConfig
from training.judge import JudgedTest
from training.labelled import Labelled
from training.manifest import Sections, run_identity
from training.progress import OnEpoch
from training.promise import needed_rows
from training.promise_log import tell_fold
from training.sample_bundle import Finish, bundle_samples, tell_samples
from training.served import ServedDetector
from training.windows.cross_fit import cross_fit_windows
from training.windows.cut import CutSeries, cut_for_cross_fitting, cut_series
from training.windows.drawing import drawn_verdicts
from training.windows.labelled_series import read_labelled_series
from training.windows.learn import learn_window_detector
from training.windows.series_data import Series, read_series, tell_series

log = logging.getLogger("plumbline.training")


def train_window_bundle(
    inputs: tuple[str, ...],
    out: Path,
    config: TrainingConfig,
    labelled: Labelled | None,
    signing_key: SigningKey | None = None,
    *,
    resume: bool,
    on_epoch: OnEpoch,
) -> Path:
    """Train a detector on a clean series and write it as the next version below ``out`` (``models/NAME``).

    Raises:
        InputError: data or configuration that cannot be used.
        GateError: training diverged, the graphs do not reproduce the model, or the promise cannot be supported.
    """
    created_at = datetime.now(UTC)
    series = read_series(inputs, config, labelled.label if labelled else None)
    tell_series(series)
    cut, out_of_fold = _cut(series, config)
    log.info("windows of %d steps (%s), %d apart in training", cut.length, cut.why, cut.stride)
    clean = _shared_out(series, cut, out_of_fold)
    tell_samples(clean, config)
    window = Window(
        length=cut.length,
        stride=cut.stride,
        sampling_interval=series.interval,
        longest_step=config.window.longest_step,
        time=config.data.time,
        group=config.data.group,
    )
    test = read_labelled_series(labelled, series.spec, window) if labelled else None
    checkpoint = Checkpoint(
        out / ".training" / "checkpoint.safetensors", run_identity(series.fingerprint, config), resume
    )
    with checkpoint.continuable():
        detector = learn_window_detector(cut.train, cut.validation, config, checkpoint, on_epoch)

    def finish(served: ServedDetector, judged: JudgedTest | None) -> Finish:
        if judged is not None:
            pictures = drawn_verdicts(served, series.spec, judged.x, judged.scores, judged.anomalous, "test")
        else:
            scores = served.raw.scores(cut.calibration)
            none = np.zeros(scores.size, dtype=np.bool_)
            pictures = drawn_verdicts(served, series.spec, cut.calibration, scores, none, "calibration")
        return Finish(Sections(score="spans", window=window), pictures)

    bundle = bundle_samples(
        out, created_at, clean, detector.graphs, detector.history, test, config, finish, signing_key
    )
    checkpoint.discard()
    return bundle


def _cut(series: Series, config: TrainingConfig) -> tuple[CutSeries, NDArray[np.float64] | None]:
    """Cut windows to hold out some for calibration or, where they are too few or it is asked for, score all out of fold."""
    method = config.calibration.method
    if method != "cross_fitted":
        cut = cut_series(series, config)
        if method == "held_out":
            return cut.checked("other shares or whole runs to each part (split.by = 'group')"), None
        if cut.has_enough() and len(cut.calibration) >= needed_rows(config):
            return cut, None
    cut = cut_for_cross_fitting(series, config)
    log.info(
        "calibration is cross-fitted in %d folds: each window is scored by a detector that has not learned from its rows; "
        "what is promised then holds approximately",
        config.calibration.folds,
    )
    return cut, cross_fit_windows(cut.calibration, series.group, config, tell_fold)


def _shared_out(series: Series, cut: CutSeries, out_of_fold: NDArray[np.float64] | None) -> CleanSamples:
    learned = series.values[cut.train.ends]
    return CleanSamples(
        called="window",
        spec=series.spec,
        train=cut.train,
        validation=cut.validation,
        calibration=cut.calibration,
        groups=cut.groups,
        out_of_fold=out_of_fold,
        counts=cut.counts(),
        location=learned.mean(axis=0),
        scale=learned.std(axis=0),
        fingerprint=series.fingerprint,
        sources=series.sources,
        notes=series.notes,
    )
