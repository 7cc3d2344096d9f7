"""The detector of windows through the product's own path: learn, export, calibrate out of fold, pass the gate, score."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model.raw_scorer import RawScorer
from model.series.windows import Windows
from training.config import TrainingConfig
from training.config_file import load_config
from training.export import export_graphs
from training.folds import split_for_cross_fitting
from training.served import make_served
from training.windows.cross_fit import cross_fit_windows
from training.windows.learn import TrainedWindowDetector, learn_window_detector
from training.windows.within import windows_within

LENGTH = 16  # steps of a window, for every data set


def configuration(steps: int) -> TrainingConfig:
    """Return the product's defaults, with shorter training and the rule that works with few rows."""
    return load_config(None, {"fit.steps": steps, "fit.batch_size": 64, "calibration.rule": "conformal"})


def every_window(rows: NDArray[np.float64]) -> Windows:
    """Give the windows of consecutive ``rows`` [n, F], one for each step that has enough before it."""
    return Windows(rows, np.arange(LENGTH - 1, len(rows)), LENGTH)


@dataclass(frozen=True)
class Judge:
    """An exported scorer and, where one was set, its threshold."""

    raw: RawScorer
    threshold: float | None

    def scores(self, before: NDArray[np.float64], rows: NDArray[np.float64]) -> NDArray[np.float64]:
        """Score each of ``rows`` [n, F] by the window that ends with it, reaching into the rows ``before`` the first.

        Rows whose window would begin before there are rows score as the first that has one.
        """
        series = np.vstack([before[max(0, len(before) - LENGTH + 1) :], rows])
        scores = self.raw.scores(every_window(series))
        return np.concatenate([np.full(len(rows) - scores.size, scores[0]), scores])


def calibrated_judge(clean: NDArray[np.float64], config: TrainingConfig) -> Judge:
    """Learn from clean rows [N, F] and calibrate on all of them, out of fold."""
    out_of_fold = cross_fit_windows(every_window(clean), None, config, lambda _done, _folds: None)
    spec = config.feature_spec(tuple(f"channel_{number}" for number in range(clean.shape[1])))
    served = make_served(_learn(clean, config).graphs, spec, every_window(clean), config, out_of_fold=out_of_fold)
    return Judge(served.raw, served.threshold.value)


def ranking_judge(clean: NDArray[np.float64], config: TrainingConfig) -> Judge:
    """Learn from clean rows [N, F], for a ranking that needs no threshold."""
    return Judge(RawScorer(export_graphs(_learn(clean, config).graphs).scorer), None)


def _learn(clean: NDArray[np.float64], config: TrainingConfig) -> TrainedWindowDetector:
    split = split_for_cross_fitting(len(clean), None, config.split, config.seed)
    train, validation = (windows_within(every_window(clean), rows) for rows in (split.train, split.validation))
    return learn_window_detector(train, validation, config, None, lambda _record, _epochs: None)
