"""What the new threshold shall promise: what the old one did, but for what is asked otherwise."""

from dataclasses import dataclass

from model.errors import InputError
from model.manifest import Manifest
from model.threshold import CalibrationRule
from training.config import TrainingConfig
from training.config_file import load_config


@dataclass(frozen=True)
class Asked:
    """What was asked for; None where nothing was. ``no_review`` drops the looser line."""

    target_fpr: float | None = None
    rule: CalibrationRule | None = None
    confidence: float | None = None
    review_fpr: float | None = None
    no_review: bool = False

    @property
    def anything(self) -> bool:
        return self != Asked()


def new_promise(manifest: Manifest, asked: Asked) -> TrainingConfig:
    """Lay what was ``asked`` over what ``manifest`` promises; of the result, only rates and rules say anything.

    Raises:
        InputError: a rate, rule or confidence that cannot be.
    """
    if asked.no_review and asked.review_fpr is not None:
        raise InputError("--review-fpr and --no-review exclude each other")
    old, review = manifest.threshold, manifest.review_threshold
    inherited = None if review is None or asked.no_review else review.target_fpr
    return load_config(
        None,
        {
            "target_fpr": old.target_fpr if asked.target_fpr is None else asked.target_fpr,
            "calibration.rule": asked.rule or old.rule,
            "calibration.confidence": old.confidence if asked.confidence is None else asked.confidence,
            "calibration.review_fpr": inherited if asked.review_fpr is None else asked.review_fpr,
        },
    )
