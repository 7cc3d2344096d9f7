"""Images as a command was given them: files of images, or one file with an array of them."""

from collections.abc import Sequence
from pathlib import PurePosixPath

from model.errors import InputError
from model.images.array_file import EXTENSIONS, read_array
from model.images.image_set import ImageSet
from model.images.reader import ImageReader
from model.images.survey import survey, survey_clean


def read_clean_images(inputs: Sequence[str], resize: tuple[int, int] | None) -> ImageSet:
    """Read the images that a detector is to learn from; ``resize`` (height, width) brings all to one size.

    Raises:
        InputError: no image can be used, or they differ in size (without ``resize``), channels or depth.
    """
    array = _array_among(inputs)
    return survey_clean(inputs, resize) if array is None else read_array(array, resize=resize)


def read_images(inputs: Sequence[str], reader: ImageReader) -> ImageSet:
    """Read images for a model that has learned, which wants them as ``reader`` does; others are rejected.

    Raises:
        InputError: no image can be used.
    """
    array = _array_among(inputs)
    return survey(inputs, reader) if array is None else read_array(array, reader=reader)


def _array_among(inputs: Sequence[str]) -> str | None:
    arrays = [name for name in inputs if PurePosixPath(name).suffix.lower() in EXTENSIONS]
    if arrays and len(inputs) > 1:
        raise InputError(f"{arrays[0]}: an array of images is given alone, found {len(inputs)} inputs")
    return arrays[0] if arrays else None
