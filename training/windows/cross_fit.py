"""Cross-fitting of windows: scored by a detector that has learned from none of their rows."""

import numpy as np
from numpy.typing import NDArray

from model.errors import InputError
from model.series.windows import Windows
from training.certify import torch_reference
from training.config import TrainingConfig
from training.cross_fit import OnFold
from training.folds import plan_folds
from training.split import MINIMUM_PART
from training.windows.learn import learn_window_detector
from training.windows.units import in_parts
from training.windows.within import windows_within


def cross_fit_windows(
    windows: Windows, groups: NDArray[np.str_] | None, config: TrainingConfig, on_fold: OnFold
) -> NDArray[np.float64]:
    """Score each of the clean ``windows`` that lies within a fold of their rows, in time order.

    Folds are of rows, which belong to ``groups`` [K] where they are split by group: no window shares a row with those that
    its detector learned from. Scores are in multiples of the typical score of the fold's detector, as ``make_served``
    takes them. Folds divide the steps of one fit between them.

    Raises:
        InputError: too few rows or groups, or too short stretches of them for the windows.
        GateError: training diverged.
    """
    plan = plan_folds(len(windows.values), groups, config.split, config.calibration.folds, config.seed)
    steps = max(config.fit.steps // len(plan), 1)
    shorter = config.model_copy(update={"fit": config.fit.model_copy(update={"steps": steps})})
    scores = []
    for number, fold in enumerate(plan):
        train, validation, held_out = (
            windows_within(windows, rows) for rows in (fold.train, fold.validation, fold.held_out)
        )
        for name, part in (("training", train), ("validation", validation), ("the fold itself", held_out)):
            if len(part) < MINIMUM_PART:
                raise InputError(
                    f"cross-fitting in {len(plan)} folds leaves {len(part)} windows of {windows.length} steps for {name}, at "
                    f"least {MINIMUM_PART} are needed; give a longer series, shorter windows or fewer folds"
                )
        detector = learn_window_detector(train, validation, shorter, None, lambda _record, _epochs: None)
        learned, unseen = (
            np.concatenate([torch_reference(detector.graphs, part).score for some in parts for part in in_parts(some)])
            for parts in ((train, validation), (held_out,))
        )
        scores.append(unseen / np.median(learned))
        on_fold(number + 1, len(plan))
    return np.concatenate(scores)
