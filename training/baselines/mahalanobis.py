"""Robust Mahalanobis distance: location and covariance that a minority of odd rows cannot pull away."""

import warnings

import numpy as np
import torch
from numpy.typing import NDArray
from scipy import stats
from sklearn.covariance import MinCovDet

from model.detector_graphs import DetectorGraphs
from model.gaussian_scorer import GaussianScorerGraph
from model.sample_form import SampleForm
from training.baselines.units import fit_units
from training.metric import choose_shrinkage

Array = NDArray[np.float64]

MOST_ROWS = 5000  # that the search for the tightest half of the rows sees
MOST_FEATURES = 64  # beyond, that search takes longer than the network
ROWS_PER_FEATURE = 5  # fewer, and the tightest half is tight by chance (Rousseeuw and Van Driessen, 1999)
SMALLEST_EIGENVALUE = 1e-6  # of a correlation matrix


def fit_mahalanobis(train: Array, validation: Array, seed: int) -> DetectorGraphs:
    """Fit to clean ``train`` [N, F] and ``validation`` [M, F], in engineering units.

    By the reweighted minimum covariance determinant (Rousseeuw and Van Driessen, 1999) where features are few enough
    for it and no half of the rows lies in a plane. Elsewhere by medians, median absolute deviations and Gaussian rank
    correlations (Boudt, Cornelissen and Croux, 2012), shrunk as much as makes ``validation`` likeliest.
    """
    units = fit_units(np.vstack([train, validation]))
    clean_train, clean_validation = units.standardise(train), units.standardise(validation)
    every = np.vstack([clean_train, clean_validation])
    estimate = minimum_covariance_determinant(every, seed) or gaussian_ranks(clean_train, clean_validation)
    centre, covariance = estimate
    spread = np.sqrt(np.diag(covariance))
    values, axes = np.linalg.eigh(covariance / np.outer(spread, spread))
    whitening = axes @ np.diag(1 / np.sqrt(np.maximum(values, SMALLEST_EIGENVALUE))) @ axes.T
    location = torch.from_numpy(units.location + centre * units.scale)
    scale = torch.from_numpy(units.scale * spread)
    return DetectorGraphs(
        GaussianScorerGraph(location, scale, torch.from_numpy(whitening)), None, SampleForm((len(location),))
    )


def minimum_covariance_determinant(rows: Array, seed: int) -> tuple[Array, Array] | None:
    """Return location [F] and covariance [F, F] of ``rows`` [N, F]; None where the method does not apply."""
    rng = np.random.default_rng(seed)
    sample = rows if len(rows) <= MOST_ROWS else rows[np.sort(rng.permutation(len(rows))[:MOST_ROWS])]
    features = rows.shape[1]
    if features > MOST_FEATURES or len(sample) < ROWS_PER_FEATURE * features:
        return None
    with warnings.catch_warnings():
        # Halves of rows that lie in a plane: told apart below by what came of them.
        warnings.simplefilter("ignore")
        try:
            found = MinCovDet(random_state=seed % 2**32).fit(sample)
        except ValueError:  # half of the rows are one and the same
            return None
    covariance = np.asarray(found.covariance_, dtype=np.float64)
    spread = np.sqrt(np.diag(covariance))
    if not (np.isfinite(covariance).all() and (spread > 0).all()):
        return None
    if np.linalg.eigvalsh(covariance / np.outer(spread, spread))[0] < SMALLEST_EIGENVALUE:
        return None
    return np.asarray(found.location_, dtype=np.float64), covariance


def gaussian_ranks(train: Array, validation: Array) -> tuple[Array, Array]:
    """Return median [F] and a covariance [F, F] of the rows of ``train`` [N, F] and ``validation`` [M, F]."""
    rows = np.vstack([train, validation])
    centre = np.median(rows, axis=0)
    spread = stats.median_abs_deviation(rows, axis=0, scale="normal")
    # A feature that has one value in most rows has no such spread.
    spread = np.where(spread > 0, spread, rows.std(axis=0))
    spread = np.where(spread > 0, spread, 1.0)
    scores = stats.norm.ppf(stats.rankdata(rows, axis=0) / (len(rows) + 1))
    deviation = scores.std(axis=0)
    scores = scores / np.where(deviation > 0, deviation, 1.0)
    shrinkage = choose_shrinkage(scores[: len(train)], scores[len(train) :])
    correlation = (1 - shrinkage) * (scores.T @ scores / len(scores)) + shrinkage * np.eye(len(spread))
    return centre, correlation * np.outer(spread, spread)
