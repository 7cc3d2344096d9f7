"""Hand-written digits as image files: one of them is the clean product, the nine others are its defects."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from sklearn.datasets import load_digits

from model.images.png import png
from model.images.resize import resize

SIDE = 32
DARKEST = 16  # the set's pixels are counts of 0 to 16
GOOD = "good"
HELD_OUT = 5  # each fifth of the clean digit's images is kept for testing


@dataclass(frozen=True)
class DigitFiles:
    """The folder of clean images, and that of test images: ``good`` in one folder, each other digit in its own."""

    clean: Path
    test: Path


def write_digits(folder: Path, clean_digit: int) -> DigitFiles:
    """Write scikit-learn's 1,797 digits (UCI, 8 x 8 pixels) as PNG files of 32 x 32 below ``folder``."""
    digits = load_digits()
    files = DigitFiles(folder / "clean", folder / "test")
    seen = 0
    for number, (image, digit) in enumerate(zip(digits.images, digits.target.tolist(), strict=True)):
        pixels = resize(np.rint(image * (255 / DARKEST)).astype(np.uint8)[:, :, np.newaxis], SIDE, SIDE)
        if digit != clean_digit:
            place = files.test / str(digit)
        else:
            place = files.test / GOOD if seen % HELD_OUT == 0 else files.clean
            seen += 1
        place.mkdir(parents=True, exist_ok=True)
        (place / f"{number:04}.png").write_bytes(png(pixels))
    return files
