"""Labelled images: the folder that an image lies in says whether it is clean."""

from collections.abc import Sequence
from pathlib import PurePosixPath

import numpy as np

from model.errors import InputError
from model.images.read import read_images
from model.images.reader import ImageReader
from training.clean_samples import LabelledSamples
from training.raw_data import Rejections

CLEAN_FOLDERS = ("good", "normal", "ok", "clean")


def read_labelled_images(inputs: Sequence[str], reader: ImageReader) -> LabelledSamples:
    """Read labelled images as ``reader`` wants them; those in a folder named good, normal, ok or clean are clean.

    Raises:
        InputError: no image can be used, or none of them lies in a folder below an input.
    """
    images = read_images(inputs, reader)
    folders = [PurePosixPath(place).parent.name.lower() for place in images.place]
    anomalous = np.array([folder not in CLEAN_FOLDERS for folder in folders])
    if len(set(folders)) == 1 and anomalous.all():
        raise InputError(
            f"{', '.join(inputs)}: labelled images lie in folders that name them, {', '.join(CLEAN_FOLDERS)} for clean ones and "
            f"any other for anomalies; found '{folders[0]}' alone"
        )
    rejections = Rejections()
    for sentence in images.rejected:
        rejections.tell(sentence)
    return LabelledSamples(images.samples, anomalous, images.place, rejections)
