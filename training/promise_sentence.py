"""What a threshold promises, as half a sentence."""

from model.threshold import Threshold
from training.calibrate import conformal_minimum


def promise(threshold: Threshold) -> str:
    """Say what is promised of the rate, and how firmly."""
    about = ", approximately, for scores out of fold" if threshold.method == "cross_fitted" else ""
    if threshold.confidence is not None:
        return f"at most {threshold.target_fpr:.3g} in {100 * threshold.confidence:g}% of calibration sets{about}"
    if threshold.rule == "tail":
        return f"about {threshold.target_fpr:.3g}, an extrapolation that nothing certifies"
    worth = threshold.effective_count or threshold.calibration_count
    if worth < conformal_minimum(threshold.target_fpr):
        return (
            f"not promised: {threshold.target_fpr:.3g} on average takes {conformal_minimum(threshold.target_fpr):,} "
            f"independent samples, and {worth:,} bear {1 / (worth + 1):.2g}; the threshold is the largest clean score"
        )
    return f"at most {threshold.target_fpr:.3g} on average over calibration sets{about}"
