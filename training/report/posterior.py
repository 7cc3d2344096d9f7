"""What the posteriors of clean samples say of the latent space, in plain sentences and as a table."""

from dataclasses import dataclass

import numpy as np

from training.aggregated_posterior import NEAR, AggregatedPosterior
from training.report.findings import Finding
from training.report.typography import NO_BREAK, count, quantity

FEW = 0.5  # share of the latents in use, below which it is said
SHOWN = 32


@dataclass(frozen=True)
class LatentRow:
    """Figures of one latent, numbered from 1: nats but for ``moves``, the variance of its posterior mean."""

    number: int
    rate: float
    moves: float
    gap: float
    active: bool


def latent_rows(found: AggregatedPosterior) -> tuple[LatentRow, ...]:
    """List the latents that tell most of a sample, largest rate first, at most ``SHOWN``."""
    order = np.argsort(-found.rate, kind="stable")[:SHOWN]
    return tuple(
        LatentRow(
            int(latent) + 1,
            float(found.rate[latent]),
            float(found.moves[latent]),
            float(found.gap[latent]),
            bool(found.active_ones[latent]),
        )
        for latent in order
    )


def check_posterior(found: AggregatedPosterior) -> Finding:
    """Say whether the posterior has collapsed, and whether draws from the prior should be like the process."""
    if found.active == 0:
        return Finding(
            "caution",
            "The posterior has collapsed: the latent space is not used.",
            "Every sample gets the same expectation, whatever its values. More training, or a smaller beta, may help.",
            "latents",
        )
    used = f"{count(found.active)} of {count(found.size, 'latent')} in use"
    if found.active < FEW * found.size:
        return Finding(
            "note",
            f"The posterior has collapsed in part: {used}.",
            f"The others repeat the prior whatever the sample is; a smaller latent would do as well. {_nearness(found)}",
            "latents",
        )
    return Finding("good", f"The posterior has not collapsed: {used}.", _nearness(found), "latents")


def posterior_sentence(found: AggregatedPosterior) -> str:
    """Say the same on a line of the log."""
    finding = check_posterior(found)
    nearness = "" if found.active == 0 else f" {_nearness(found)}"
    return f"{finding.headline}{nearness}".replace(NO_BREAK, " ")


def _nearness(found: AggregatedPosterior) -> str:
    apart = (
        f"Clean samples together lie {quantity(found.distance, 2)}{NO_BREAK}nats from the prior by "
        f"their mean and covariance (total correlation {quantity(found.total_correlation, 2)})"
    )
    if found.distance <= NEAR:
        return f"{apart}: draws from the prior should be like the process."
    return f"{apart}: some draws from the prior will be unlike it; draw from the aggregated posterior instead."
