"""Whether new clean scores look like those the old threshold was set on: if not, a new threshold hides a change."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from model.threshold import Threshold

Array = NDArray[np.float64]

CONFIDENCE = 0.95
SIGNIFICANT = 0.01  # as likely as this by chance, and no less
NOTABLE = 0.1  # a distance between distributions below which a difference, however certain, changes little


@dataclass(frozen=True)
class ScoreShift:
    """New scores beside old ones.

    ``distance`` is the largest difference between the two shares of samples below a score (Kolmogorov and Smirnov);
    ``p_value`` its chance if both came from one process. ``old_rate`` is the share of new samples above the old
    threshold, ``old_rate_interval`` where its true value lies with 95 % confidence. Both count effective samples.
    """

    distance: float
    p_value: float
    old_median: float
    new_median: float
    old_rate: float
    old_rate_interval: tuple[float, float]
    promised: float

    @property
    def unlike(self) -> bool:
        """Whether scores at large have moved, by more than chance and far enough to matter."""
        return self.p_value < SIGNIFICANT and self.distance >= NOTABLE

    @property
    def promise_broken(self) -> bool:
        """Whether the old threshold lets more false alarms through than it promised, beyond chance."""
        return self.old_rate_interval[0] > self.promised

    @property
    def risen(self) -> bool:
        return self.promise_broken or self.new_median > self.old_median

    @property
    def warning(self) -> str | None:
        """Say what a new threshold would hide, or None where nothing speaks for a change."""
        if not self.unlike and not self.promise_broken:
            return None
        if self.risen:
            return (
                "new clean scores are higher than the calibration scores before: re-calibration hides a change of the "
                "process, and faults below the new threshold pass unseen; find out what changed, and train anew if it is "
                "to stay"
            )
        return (
            "new clean scores are lower than the calibration scores before: check that the new rows cover every operating "
            "state, and that no row of the training data is among them"
        )


def score_shift(old: Array, old_effective: int, new: Array, new_effective: int, threshold: Threshold) -> ScoreShift:
    """Compare ``old`` [n] and ``new`` [m] scores, worth so many independent ones, at the old ``threshold``.

    The two-sample test of Kolmogorov and Smirnov takes samples to be independent: its law is that of the effective
    counts. The rate's interval is Clopper's and Pearson's (1934), on effective counts as well.
    """
    distance = float(stats.ks_2samp(old, new, method="asymp").statistic)
    together = old_effective * new_effective / (old_effective + new_effective)
    rate = float((new > threshold.value).mean())
    above, tail = rate * new_effective, (1 - CONFIDENCE) / 2
    low = stats.beta.ppf(tail, above, new_effective - above + 1) if above > 0 else 0.0
    high = stats.beta.ppf(1 - tail, above + 1, new_effective - above) if rate < 1 else 1.0
    return ScoreShift(
        distance=distance,
        p_value=float(stats.kstwobign.sf(math.sqrt(together) * distance)),
        old_median=float(np.median(old)),
        new_median=float(np.median(new)),
        old_rate=rate,
        old_rate_interval=(float(low), float(high)),
        promised=threshold.target_fpr,
    )
