"""A flat view of the latent space: two latents where two are used, principal components where more are."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from training.aggregated_posterior import ACTIVE_VARIANCE


@dataclass(frozen=True)
class LatentMap:
    """Two directions in latent space and clean samples seen along them.

    ``directions`` [Z, 2] are orthonormal, so the prior stays a standard normal on the map; the second is zero where
    Z = 1. ``points`` [n, 2]; ``shown`` is the share of the latents' variance that the map shows.
    """

    directions: NDArray[np.float64]
    points: NDArray[np.float64]
    axes: tuple[str, str]
    size: int
    active: int
    shown: float

    def project(self, latents: NDArray[np.float64]) -> NDArray[np.float64]:
        """Place posterior means [m, Z] on the map, [m, 2]."""
        with np.errstate(over="ignore", invalid="ignore"):
            return np.asarray(latents @ self.directions)


def latent_map(latents: NDArray[np.float64]) -> LatentMap:
    """Choose the view of posterior means [n, Z] in which they vary most."""
    size = latents.shape[1]
    variance = latents.var(axis=0)
    active = int((variance > ACTIVE_VARIANCE).sum())
    if active > 2:
        _, axes = np.linalg.eigh(np.cov(latents, rowvar=False))
        directions = axes[:, [-1, -2]]
        # An eigenvector's sign is arbitrary: settle it, so that the same data gives the same picture.
        largest = np.abs(directions).argmax(axis=0)
        directions = directions * np.where(directions[largest, [0, 1]] < 0, -1.0, 1.0)
        names = ("principal component 1", "principal component 2")
    else:
        order = np.argsort(-variance, kind="stable")[:2]
        directions = np.zeros((size, 2))
        directions[order, range(order.size)] = 1.0
        names = (f"latent {order[0] + 1}", f"latent {order[1] + 1}" if size > 1 else "")
    points = latents @ directions
    total = float(variance.sum())
    return LatentMap(directions, points, names, size, active, float(points.var(axis=0).sum()) / total if total else 1.0)
