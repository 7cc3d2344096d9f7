"""The expert's clean images, shared out. C: colour channels."""

from collections.abc import Sequence

import numpy as np

from model.images.geometry import COLOUR
from model.images.image_set import ImageSet
from model.images.read import read_clean_images
from training.clean_samples import CleanSamples
from training.config import TrainingConfig
from training.data_notes import DataNotes
from training.split import split_rows
from training.subset import Subset

CHANNELS = ("red", "green", "blue")
LOOKED_AT = 200  # images whose values are summed up for the report


def clean_images(inputs: Sequence[str], config: TrainingConfig) -> tuple[ImageSet, CleanSamples]:
    """Read clean images and share them out.

    Raises:
        InputError: images that cannot be used, differ in geometry, or are too few.
    """
    images = read_clean_images(inputs, config.image.resize)
    split = split_rows(len(images), None, config.split, config.seed)
    train, validation, calibration = (
        Subset(images.samples, rows) for rows in (split.train, split.validation, split.calibration)
    )
    some = train[np.linspace(0, len(train) - 1, min(len(train), LOOKED_AT)).astype(np.intp)]
    colour = images.geometry.channels == COLOUR
    return images, CleanSamples(
        called="image",
        spec=config.feature_spec(CHANNELS if colour else ("grey",)),
        train=train,
        validation=validation,
        calibration=calibration,
        groups=None,
        counts=split.counts(),
        location=some.mean(axis=(0, 1, 2)),
        scale=some.std(axis=(0, 1, 2)),
        fingerprint=images.fingerprint,
        sources=images.sources,
        notes=notes_of_images(images),
    )


def for_images(config: TrainingConfig) -> TrainingConfig:
    """Share images out at random unless told otherwise: files stand in the order of their names, which says nothing of time."""
    if "by" in config.split.model_fields_set:
        return config
    return config.model_copy(update={"split": config.split.model_copy(update={"by": "random"})})


def notes_of_images(images: ImageSet) -> DataNotes:
    """Note which images cannot be used, and whose names lie."""
    return DataNotes(rejected_rows=len(images.rejected), rejections=images.rejected[:20], remarks=images.misnamed[:20])
