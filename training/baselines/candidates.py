"""Every detector that a training run fits to the same clean rows, so that the VAE is never compared with nothing."""

import logging
import time
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from model.detector_graphs import DetectorGraphs
from model.manifest import DetectorKind
from training.baselines.knn import fit_knn
from training.baselines.mahalanobis import fit_mahalanobis
from training.baselines.pca import fit_pca

log = logging.getLogger("plumbline.training")

NAMES: Mapping[DetectorKind, str] = {
    "vae": "VAE",
    "pca": "PCA",
    "mahalanobis": "robust Mahalanobis",
    "knn": "kNN",
}


def fit_candidates(
    vae: DetectorGraphs, train: NDArray[np.float64], validation: NDArray[np.float64], seed: int
) -> dict[DetectorKind, DetectorGraphs]:
    """Fit the baselines to the rows ``train`` [N, F] and ``validation`` [M, F] that made ``vae``."""
    start = time.perf_counter()
    fitted: dict[DetectorKind, DetectorGraphs] = {
        "vae": vae,
        "pca": fit_pca(train, validation),
        "mahalanobis": fit_mahalanobis(train, validation, seed),
        "knn": fit_knn(train, validation, seed),
    }
    log.info("fitted PCA, robust Mahalanobis and kNN beside the VAE in %.1f s", time.perf_counter() - start)
    return fitted
