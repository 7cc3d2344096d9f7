"""Cross-fitting of windows: scored by a detector that has learned from none of their rows."""

import numpy as np
from numpy.typing import NDArray

from training.certify import torch_reference
from training.config import TrainingConfig
from training.cross_fit import OnFold
from training.folds import plan_folds
from training.windows.consecutive import consecutive_windows
from training.windows.learn import learn_window_detector
from training.windows.units import in_parts


def cross_fit_windows(
    values: NDArray[np.float64],
    groups: NDArray[np.str_] | None,
    length: int,
    config: TrainingConfig,
    on_fold: OnFold,
) -> NDArray[np.float64]:
    """Score every clean window of ``length`` rows of ``values`` [N, F] that lies within a fold, in time order.

    Folds are of rows, so no window shares a row with those its detector learned from. Scores are in multiples of the typical
    score of the fold's detector, as ``make_served`` takes them; folds divide the steps of one fit between them.

    Raises:
        InputError: too few rows or groups.
        GateError: training diverged.
    """
    plan = plan_folds(len(values), groups, config.split, config.calibration.folds, config.seed)
    steps = max(config.fit.steps // len(plan), 1)
    shorter = config.model_copy(update={"fit": config.fit.model_copy(update={"steps": steps})})
    scores = []
    for number, fold in enumerate(plan):
        train, validation, held_out = (
            consecutive_windows(values, rows, length) for rows in (fold.train, fold.validation, fold.held_out)
        )
        detector = learn_window_detector(train, validation, shorter, None, lambda _record, _epochs: None)
        learned, unseen = (
            np.concatenate(
                [torch_reference(detector.graphs, part).score for windows in parts for part in in_parts(windows)]
            )
            for parts in ((train, validation), (held_out,))
        )
        scores.append(unseen / np.median(learned))
        on_fold(number + 1, len(plan))
    return np.concatenate(scores)
