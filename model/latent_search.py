"""The clean sample that a disturbed one most likely was: the place in the latent that explains most of its values.

An encoder has seen clean samples alone, and what is wrong with a sample leads it astray; so the place is sought through the
decoder. Z: latent size, D: values of a sample, S: places to start from.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from model.decoder import Decoder
from model.encoder import Encoder
from model.latent_draws import prior_draws

Array = NDArray[np.float64]

OUTLYING = 2.0  # times the noise; a residual beyond counts less than half
FINEST_NOISE = 0.3  # of how far clean samples vary; noise that seems smaller is taken for this
NORMAL_MAD = 1.4826  # standard deviation of a normal distribution over its median absolute deviation
STARTS, FEWEST_STARTS, START_VALUES = 256, 8, 1 << 21
STEPS, ATTEMPTS = 12, 4
DIFFERENCE = 1e-2  # of a latent, for slopes: the network inside may be float32
LEAST_GAIN = 1e-3  # of the objective, for which another step is worth its while


@dataclass(frozen=True)
class _Place:
    """A place z [Z], the sample it decodes to, the scaled residual [D] it leaves, and the objective there."""

    z: Array
    sample: Array
    residual: Array
    cost: float


class LatentSearch:
    """Search the latent space with a bundle's graphs. Thread-safe.

    Starts are where the encoder places the sample and ``reference`` [S, Z], or else draws of the prior.
    """

    def __init__(self, encoder: Encoder, decoder: Decoder, latent_size: int, reference: Array | None) -> None:
        self._encoder, self._decoder = encoder, decoder
        self._reference = prior_draws(STARTS, latent_size, seed=0) if reference is None else reference

    def clean(self, sample: NDArray[Any]) -> Array:
        """Return the sample that the best place decodes to, in raw units; values of ``sample`` that are NaN do not count.

        Minimises sum (c^2 / 2) ln(1 + (r / (c s))^2) + |z|^2 / 2 over z, with residuals r in parts of how far clean samples
        vary and s their noise: the mode of the posterior under noise that outlying values hardly raise (Holland and Welsch 1977,
        Cauchy weights), by damped Gauss-Newton steps (Marquardt 1963).
        """
        own = self._encoder.encode(sample[None]).mean
        own = own[np.isfinite(own).all(axis=1)]  # an encoder need not know what to make of absent values
        starts, decoded = self._starts
        z, samples = np.vstack([own, starts]), np.concatenate([self._decoder.decode(own), decoded])
        residuals = self._residuals(sample, samples)
        noise = np.maximum(NORMAL_MAD * np.median(np.abs(residuals), axis=1), FINEST_NOISE)
        costs = _costs(z, residuals, float(noise.min()))
        best = int(costs.argmin())
        scale = float(noise[best])
        place = _Place(z[best], samples[best], residuals[best], float(_costs(z, residuals, scale)[best]))
        damping = 1e-2
        for _ in range(STEPS):
            found, damping = self._step(sample, place, scale, damping)
            gain, place = place.cost - found.cost, found
            if gain <= LEAST_GAIN * place.cost:
                break
        return place.sample

    def _step(self, sample: NDArray[Any], place: _Place, scale: float, damping: float) -> tuple[_Place, float]:
        """Go one step down from ``place``, as far as helps; stay where nothing does."""
        size = place.z.size
        moved = self._residuals(sample, self._decoder.decode(place.z + DIFFERENCE * np.eye(size)))
        slopes = (place.residual - moved) / DIFFERENCE
        weighted = slopes / (np.square(scale) + np.square(place.residual / OUTLYING))
        curvature, downhill = weighted @ slopes.T, weighted @ place.residual - place.z
        for _ in range(ATTEMPTS):
            damped = curvature + np.eye(size) + damping * np.diag(1 + np.diag(curvature))
            z = (place.z + np.linalg.solve(damped, downhill))[None]
            decoded = self._decoder.decode(z)
            residual = self._residuals(sample, decoded)
            cost = float(_costs(z, residual, scale)[0])
            if cost < place.cost:
                return _Place(z[0], decoded[0], residual[0], cost), damping / 10
            damping *= 10
        return place, damping

    def _residuals(self, sample: NDArray[Any], decoded: Array) -> Array:
        """Return what ``decoded`` [S, ...] leave of ``sample``, scaled, [S, D]; nothing where a value is absent."""
        apart = np.where(np.isnan(sample), 0.0, (sample - decoded) / self._spread)
        return np.asarray(apart.reshape(len(decoded), -1))

    @cached_property
    def _starts(self) -> tuple[Array, Array]:
        one = self._decoder.decode(self._reference[:1])
        most = min(STARTS, max(FEWEST_STARTS, START_VALUES // one.size), len(self._reference))
        z = self._reference[np.linspace(0, len(self._reference) - 1, most).astype(np.intp)]
        return z, self._decoder.decode(z)

    @cached_property
    def _spread(self) -> Array:
        """Say how far clean samples vary, feature by feature [F]; infinitely where not at all, so that it never counts."""
        decoded = self._starts[1]
        variance = decoded.var(axis=0).mean(axis=tuple(range(decoded.ndim - 2)))
        return np.asarray(np.where(variance > 0, np.sqrt(variance), np.inf))


def _costs(z: Array, residuals: Array, scale: float) -> Array:
    outlying = np.log1p(np.square(residuals / (OUTLYING * scale))).sum(axis=1)
    return np.asarray(OUTLYING**2 / 2 * outlying + np.square(z).sum(axis=1) / 2)
