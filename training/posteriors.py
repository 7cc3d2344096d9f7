"""Posteriors of clean samples: some for the bundle to keep, and what further ones say of the latent. N: samples."""

import logging
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model.encoder import Encoder, Latents
from model.latent_draws import MAX_POSTERIORS
from model.sample_form import SampleSet
from training.aggregated_posterior import AggregatedPosterior, measure_posterior, posteriors_to_keep
from training.report.posterior import posterior_sentence

log = logging.getLogger("plumbline.training")

Array = NDArray[np.float64]

MEASURED = 2000  # samples; more settle no digit that matters
AT_ONCE = 256  # samples; they may be images that are read when asked for
KEPT_VALUES = 250_000


@dataclass(frozen=True)
class CleanPosteriors:
    """Figures of samples that moved no weight, and posteriors ``kept`` [K, 2 Z] of samples that did, if any."""

    figures: AggregatedPosterior
    kept: Array | None


def study_posteriors(
    graph: bytes | None, learned: SampleSet, unseen: SampleSet, most_kept: int
) -> CleanPosteriors | None:
    """Encode clean samples [N, ...] with the exported encoder ``graph``; None where the detector has no latent."""
    if graph is None:
        return None
    encoder = Encoder(graph)
    figures = measure_posterior(_evenly(encoder, unseen, MEASURED))
    most = min(most_kept, MAX_POSTERIORS, max(1, KEPT_VALUES // (2 * figures.size)))
    return CleanPosteriors(figures, posteriors_to_keep(_evenly(encoder, learned, most)) if most else None)


def tell_posterior(found: CleanPosteriors | None) -> None:
    """Log how much of the latent is used, and whether draws of the prior are like the process."""
    if found is not None:
        log.info("%s", posterior_sentence(found.figures))


def _evenly(encoder: Encoder, samples: SampleSet, most: int) -> Latents:
    """Encode at most so many samples, evenly spread over all."""
    rows = np.linspace(0, len(samples) - 1, min(most, len(samples))).astype(np.intp)
    parts = [encoder.encode(samples[rows[start : start + AT_ONCE]]) for start in range(0, len(rows), AT_ONCE)]
    return Latents(np.vstack([part.mean for part in parts]), np.vstack([part.log_variance for part in parts]))
