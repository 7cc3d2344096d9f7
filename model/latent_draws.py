"""Places in the latent space to decode: drawn, or on the way between two. n: places, Z: latent size, K: kept posteriors.

Draws are those of NumPy's PCG64 with the seed given: the same seed gives the same draws, and fewer draws are the first of
more.
"""

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

POSTERIORS = "posteriors.npy"
MAX_POSTERIORS = 1000


def prior_draws(count: int, latent_size: int, seed: int) -> Array:
    """Draw z ~ N(0, I), [n, Z]."""
    return np.random.Generator(np.random.PCG64(seed)).standard_normal((count, latent_size))


def aggregated_draws(count: int, posteriors: Array, seed: int) -> Array:
    """Draw from the aggregated posterior, [n, Z]: the mixture of the ``posteriors`` [K, 2 Z] of clean samples.

    One is chosen, each as likely as another, and z drawn from it. Means stand first in a row, standard deviations second.
    """
    choice, noise = (np.random.Generator(np.random.PCG64(part)) for part in np.random.SeedSequence(seed).spawn(2))
    chosen = posteriors[choice.integers(len(posteriors), size=count)]
    mean, deviation = np.split(chosen, 2, axis=1)
    return np.asarray(mean + deviation * noise.standard_normal(mean.shape))


def path_between(start: Array, end: Array, steps: int) -> Array:
    """Walk straight from ``start`` [Z] to ``end`` [Z] in ``steps`` equal steps [n, Z], both of them included.

    Nowhere on a straight line is a normal density lower than at the lesser end. The great circle (Shoemake 1985), which
    keeps the length of z, strays through states that are between neither in the few latents that processes take.
    """
    return np.asarray(np.linspace(start, end, steps))
