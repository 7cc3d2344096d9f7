"""Clean rows that a network never saw beside those it learned from: over-fitting shows as a gap between them."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Likelihood:
    """Means over ``rows`` clean rows, in nats per row of standardised features.

    ``log_likelihood`` is the importance-weighted estimate of log p(x) from ``draws`` draws, ``error`` its standard error
    over rows taken as independent; ``elbo`` lies below it by what the posterior is not exact.
    """

    rows: int
    draws: int
    elbo: float
    log_likelihood: float
    error: float


@dataclass(frozen=True)
class Generalisation:
    """The same measure on rows that moved weights, rows that chose the epoch, and rows used for neither."""

    feature_count: int
    train: Likelihood
    validation: Likelihood
    calibration: Likelihood

    def metrics(self) -> dict[str, float]:
        """Name the figures as the manifest does."""
        parts = {"train": self.train, "validation": self.validation, "calibration": self.calibration}
        return {
            f"{part}_{name}": value
            for part, found in parts.items()
            for name, value in (("elbo", found.elbo), ("log_likelihood", found.log_likelihood))
        }
