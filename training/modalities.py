"""One training run, whatever its samples are."""

from pathlib import Path

from model.signing.signing_key import SigningKey
from training.config import TrainingConfig
from training.given import Given
from training.images.pipeline import train_image_bundle
from training.labelled import Labelled
from training.pipeline import train_bundle
from training.progress import OnEpoch
from training.windows.pipeline import train_window_bundle


def train_on(
    given: Given,
    out: Path,
    config: TrainingConfig,
    signing_key: SigningKey | None = None,
    *,
    resume: bool,
    on_epoch: OnEpoch,
) -> Path:
    """Train a detector of rows, windows or images and write it as the next version below ``out`` (``models/NAME``).

    ``signing_key``, where there is one, signs it.

    Raises:
        InputError: data or configuration that cannot be used.
        GateError: training diverged, the graphs do not reproduce the model, or the promise cannot be supported.
    """
    if config.modality == "image":
        return train_image_bundle(given.clean, out, config, given.test, signing_key, resume=resume, on_epoch=on_epoch)
    labelled = Labelled(given.test, given.label) if given.test and given.label else None
    if config.modality == "window":
        return train_window_bundle(given.clean, out, config, labelled, signing_key, resume=resume, on_epoch=on_epoch)
    return train_bundle(
        given.clean, out, config, labelled, given.exclude, signing_key, resume=resume, on_epoch=on_epoch
    )
