"""What stands beside Plumbline in every run: four methods that anyone would try first, fitted to the same rows."""

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray
from sklearn.covariance import LedoitWolf
from sklearn.decomposition import PCA
from sklearn.ensemble import IsolationForest
from sklearn.neighbors import NearestNeighbors

from benchmarks.quality.protocol import OneClassSplit

Array = NDArray[np.float64]
VARIANCE_KEPT = 0.9
NEIGHBOURS = 5


def pca(train: Array, test: Array, _seed: int) -> Array:
    """Score by the squared error of the reconstruction from components that hold 90 % of the variance."""
    components = PCA(VARIANCE_KEPT, svd_solver="full").fit(train)
    reconstruction = components.inverse_transform(components.transform(test))
    return np.asarray(((test - reconstruction) ** 2).sum(axis=1))


def mahalanobis(train: Array, test: Array, _seed: int) -> Array:
    """Score by the distance under the covariance, shrunk as Ledoit and Wolf (2004) do so that it can be inverted."""
    return np.asarray(LedoitWolf().fit(train).mahalanobis(test))


def fifth_neighbour(train: Array, test: Array, _seed: int) -> Array:
    """Score by the distance to the fifth-nearest training row, as the published kNN does."""
    distances, _ = NearestNeighbors(n_neighbors=min(NEIGHBOURS, len(train))).fit(train).kneighbors(test)
    return np.asarray(distances[:, -1])


def isolation_forest(train: Array, test: Array, seed: int) -> Array:
    """Score by how few random cuts set a row apart: scikit-learn's defaults, 100 trees."""
    return np.asarray(-IsolationForest(random_state=seed).fit(train).score_samples(test))


BASELINES: Mapping[str, Callable[[Array, Array, int], Array]] = {
    "PCA": pca,
    "Mahalanobis": mahalanobis,
    "kNN-5": fifth_neighbour,
    "iForest": isolation_forest,
}


def baseline_scores(method: str, split: OneClassSplit, seed: int) -> Array:
    """Fit ``method`` to the standardised training rows and score the test rows [M]."""
    train, test = split.standardised()
    return BASELINES[method](train, test, seed)
