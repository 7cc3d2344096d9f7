"""Places in the latent space to decode: drawn, or on the way between two. n: places, Z: latent size, K: kept posteriors.

Draws are those of NumPy's PCG64 with the seed given: the same seed gives the same draws, and fewer draws are the first of
more.
"""

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

POSTERIORS = "posteriors.npy"
MAX_POSTERIORS = 1000
STRAIGHT = 1e-6  # sine of the angle between two directions, below which there is no plane to turn in


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
    """Walk from ``start`` [Z] to ``end`` [Z] in ``steps`` places [n, Z], both of them included.

    The direction turns along the great circle (Shoemake 1985; White 2016, Sampling Generative Networks) while the length
    goes from one to the other: draws of a standard normal lie near a sphere, and the straight line would cut through its
    inside, where hardly any sample is. Where no plane is there to turn in, the line is straight.
    """
    part = np.linspace(0, 1, steps)[:, None]
    straight = (1 - part) * start + part * end
    lengths = np.linalg.norm(start), np.linalg.norm(end)
    if not all(lengths):
        return np.asarray(straight)
    first, second = start / lengths[0], end / lengths[1]
    angle = np.arccos(np.clip(first @ second, -1, 1))
    if np.sin(angle) < STRAIGHT:
        return np.asarray(straight)
    direction = (np.sin((1 - part) * angle) * first + np.sin(part * angle) * second) / np.sin(angle)
    path = direction * ((1 - part) * lengths[0] + part * lengths[1])
    path[0], path[-1] = start, end  # to the bit
    return np.asarray(path)
