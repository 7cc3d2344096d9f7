"""Test images with labels: the folder an image lies in says what it shows, as published sets are laid out."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

import numpy as np
from numpy.typing import NDArray

from model.errors import InputError
from model.images.image_set import ImageSet
from model.images.read import read_images
from model.images.reader import ImageReader
from model.quoting import quoted_list

NORMAL = frozenset(("good", "normal", "clean", "ok"))


@dataclass(frozen=True)
class LabelledImages:
    """Images, for each the name of its folder, and whether that makes it anomalous: ``label`` [N]."""

    images: ImageSet
    kind: tuple[str, ...]
    label: NDArray[np.bool_]


def read_labelled_images(inputs: Sequence[str], reader: ImageReader) -> LabelledImages:
    """Read test images: those in a folder called good, normal, clean or ok are normal, all others anomalous.

    Raises:
        InputError: no image can be used, or no folder is one of normal images.
    """
    images = read_images(inputs, reader)
    kind = tuple(PurePosixPath(place).parent.name for place in images.place)
    label = np.array([name.lower() not in NORMAL for name in kind])
    if label.all():
        raise InputError(
            f"{', '.join(inputs)}: expected normal images in a folder called {', '.join(sorted(NORMAL))}, "
            f"found only {quoted_list(sorted(set(kind)))}"
        )
    return LabelledImages(images, kind, label)
