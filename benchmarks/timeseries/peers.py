"""Other methods, fitted to the same clean rows and calibrated in the same way. n: windows, T: steps, F: channels."""

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import IsolationForest
from sklearn.neural_network import MLPRegressor

from benchmarks.timeseries.detector import every_window
from training.baselines.pca import fit_pca
from training.calibrate import calibrate
from training.certify import torch_reference
from training.config import TrainingConfig
from training.dependence import effective_count
from training.folds import plan_folds
from training.windows.within import windows_within

Array = NDArray[np.float64]
Score = Callable[[Array], Array]  # windows [n, T, F] -> scores [n]
Fit = Callable[[Array, int], Score]  # clean windows [n, T, F], seed -> how others score

VALIDATION = 0.15  # of the clean rows, at the end, on which PCA chooses its components
HIDDEN = (64, 16, 64)


def fit_t2_q(windows: Array, seed: int) -> Score:
    """Hotelling's T^2 plus the squared prediction error of PCA, of the last step alone."""
    del seed
    rows = windows[:, -1]
    held_out = round(VALIDATION * len(rows))
    graphs = fit_pca(rows[:-held_out], rows[-held_out:])
    return lambda x: torch_reference(graphs, x[:, -1]).score


def fit_forest(windows: Array, seed: int) -> Score:
    """An isolation forest (Liu, Ting and Zhou 2008) with its library's defaults, of the last step alone."""
    forest = IsolationForest(random_state=seed).fit(windows[:, -1])
    return lambda x: np.asarray(-forest.score_samples(x[:, -1]))


def fit_autoencoder(windows: Array, seed: int) -> Score:
    """A plain autoencoder of whole windows, and its mean squared error."""
    location, scale = windows.mean(axis=(0, 1)), windows.std(axis=(0, 1))

    def flat(x: Array) -> Array:
        return np.asarray(((x - location) / np.where(scale > 0, scale, 1.0)).reshape(len(x), -1))

    network = MLPRegressor(hidden_layer_sizes=HIDDEN, activation="tanh", early_stopping=True, random_state=seed).fit(
        flat(windows), flat(windows)
    )
    return lambda x: np.asarray(np.square(flat(x) - network.predict(flat(x))).mean(axis=1))


PEERS: Mapping[str, Fit] = {"PCA (T2 + Q)": fit_t2_q, "isolation forest": fit_forest, "autoencoder": fit_autoencoder}


def calibrated_peer(fit: Fit, clean: Array, config: TrainingConfig) -> tuple[Score, float]:
    """Fit to all clean rows [N, F], and set the threshold on scores out of fold, as the product does for its own."""
    scores = []
    for fold in plan_folds(len(clean), None, config.split, config.calibration.folds, config.seed):
        learned = np.concatenate([_windows(clean, rows) for rows in (fold.train, fold.validation)])
        score = fit(learned, config.seed)
        scores.append(score(_windows(clean, fold.held_out)) / np.median(score(learned)))
    every = every_window(clean)[:]
    score = fit(every, config.seed)
    out_of_fold = np.concatenate(scores) * float(np.median(score(every)))
    threshold = calibrate(
        out_of_fold,
        config.target_fpr,
        "conformal",
        config.calibration.confidence,
        effective=effective_count(out_of_fold),
    )
    return score, threshold.value


def _windows(clean: Array, rows: NDArray[np.intp]) -> Array:
    return windows_within(every_window(clean), rows)[:]
