"""What the likelihood of unseen clean rows says about over-fitting, in plain sentences."""

import math

from training.generalisation import Generalisation, Likelihood
from training.report.findings import Finding
from training.report.typography import quantity

NOTABLE = 0.1  # nats per feature: a tenth off the likelihood of every reading
CERTAIN = 3.0  # standard errors


def check_generalisation(found: Generalisation) -> Finding:
    """Say whether clean rows that moved no weight are as likely to the network as those it learned from."""
    behind = found.train.log_likelihood - found.calibration.log_likelihood
    figures = (
        f"A clean row the network never saw is {quantity(abs(behind), 2)} nats {'less' if behind > 0 else 'more'} likely to "
        "it than one it learned from"
    )
    if not _lags(found.calibration, found.train, found.feature_count):
        return Finding("good", "It does not overfit.", f"{figures}: little, or chance.", "training")
    if _lags(found.calibration, found.validation, found.feature_count):
        return Finding(
            "caution",
            "Calibration rows are unlike the rows it learned from.",
            f"{figures}, while validation rows lag less: the process has moved, or a group is unlike the others.",
            "training",
        )
    return Finding(
        "caution",
        "It overfits.",
        f"{figures}: part of what it learned is chance. The threshold stands on unseen rows and allows for that; faults "
        "would show better with more clean data, a smaller network or fewer latents.",
        "training",
    )


def _lags(part: Likelihood, reference: Likelihood, feature_count: int) -> bool:
    certain = CERTAIN * math.hypot(reference.error, part.error)
    return reference.log_likelihood - part.log_likelihood > max(certain, NOTABLE * feature_count)
