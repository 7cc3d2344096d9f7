"""A bundle as a source of samples: draws of its latent, decoded. n: samples, Z: latent size, F: features."""

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from model.bundle import Bundle
from model.decoder import Decoder
from model.encoder import Encoder
from model.errors import InputError
from model.features import FeatureSpec
from model.inference import Provider
from model.latent_draws import aggregated_draws, path_between, prior_draws
from model.latent_search import LatentSearch
from model.quoting import printable

Array = NDArray[np.float64]
Origin = Literal["prior", "aggregated"]

MAX_SEED = 2**63 - 1


@dataclass(frozen=True)
class Generated:
    """Samples [n, ...] in engineering units, as decoded, and the places [n, Z] in the latent space they stand for.

    ``outside`` [n, F] tells where a value of a feature lies outside its declared range, or a pixel outside what a
    pixel can hold. None is clipped.
    """

    latents: Array
    samples: Array
    outside: NDArray[np.bool_]


class Generator:
    """Generate samples with one bundle. Thread-safe."""

    def __init__(self, bundle: Bundle, provider: Provider = "cpu") -> None:
        """Take the decoder and what is kept of clean samples' latents.

        Raises:
            InputError: the bundle's detector has no latent.
        """
        manifest = bundle.manifest
        self._title = f"bundle {manifest.name} version {manifest.version}"
        size = manifest.graphs.latent_size
        if bundle.encoder is None or bundle.decoder is None or size is None:
            raise InputError(f"{self._title} generates no samples: its detector, {manifest.detector}, has no latent")
        self.latent_size, self.spec, self.form = size, manifest.feature_spec, manifest.form
        self._lowest, self._highest = self.spec.lows, self.spec.highs
        if manifest.image is not None:  # what rounds to a pixel's value lies inside
            self._lowest = np.maximum(self._lowest, -0.5)
            self._highest = np.minimum(self._highest, 2**manifest.image.bits - 0.5)
        self.encoder, self._decoder = Encoder(bundle.encoder, provider), Decoder(bundle.decoder, provider)
        self._posteriors = bundle.posteriors

    @property
    def origins(self) -> tuple[Origin, ...]:
        """What samples can be drawn from."""
        return ("prior",) if self._posteriors is None else ("prior", "aggregated")

    def search(self) -> LatentSearch:
        """Search the same latent space for what samples were when they were clean."""
        reference = None if self._posteriors is None else self._posteriors[:, : self.latent_size]
        return LatentSearch(self.encoder, self._decoder, self.latent_size, reference)

    def draw(self, count: int, seed: int, origin: Origin = "prior") -> Generated:
        """Draw ``count`` samples: z from the prior N(0, I) or from the aggregated posterior of clean samples.

        Samples are what the decoder gives for z, without observation noise. The same seed gives the same samples.

        Raises:
            InputError: the bundle keeps no posteriors to draw from.
        """
        if origin == "prior":
            return self._decoded(prior_draws(count, self.latent_size, seed))
        if self._posteriors is None:
            raise InputError(
                f"{self._title} keeps no posteriors of clean samples, so only the prior is there to draw from"
            )
        return self._decoded(aggregated_draws(count, self._posteriors, seed))

    def between(self, start: NDArray[Any], end: NDArray[Any], steps: int) -> Generated:
        """Walk from one valid sample to another along the latent, in ``steps`` samples; see ``path_between``.

        The first and the last are what the detector makes of ``start`` and ``end``.
        """
        ends = self.encoder.encode(np.stack([start, end])).mean
        return self._decoded(path_between(ends[0], ends[1], steps))

    def _decoded(self, latents: Array) -> Generated:
        samples = self._decoder.decode(latents)
        beyond = ~((samples >= self._lowest) & (samples <= self._highest))  # NaN compares false
        return Generated(latents, samples, np.asarray(beyond.any(axis=tuple(range(1, beyond.ndim - 1)))))


def outside_words(generated: Generated, spec: FeatureSpec) -> str:
    """Say how many samples lie outside declared ranges, and in which features."""
    many = int(generated.outside.any(axis=1).sum())
    by_feature = {name: int(n) for name, n in zip(spec.names, generated.outside.sum(axis=0), strict=True) if n}
    named = ", ".join(f"'{printable(name)}' {number:,}" for name, number in by_feature.items())
    return f"{many:,} of {len(generated.samples):,} outside the declared ranges" + (f" ({named})" if named else "")
