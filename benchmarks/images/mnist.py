"""MNIST, one digit against the rest: trained on one digit's training images, tested on all 10,000."""

import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.decomposition import PCA

from benchmarks.images.measures import auroc
from benchmarks.images.plumbline import learn
from model.errors import InputError

COMPONENTS = 64
NAMES = ("x_train", "y_train", "x_test", "y_test")


@dataclass(frozen=True)
class DigitResult:
    """AUROC in per cent with one digit clean: of PCA on pixels and of the pixel detector."""

    digit: int
    pca: float
    pixels: float
    cpu_seconds: float


def measure_digits(data: Path, digits: Sequence[int]) -> Iterator[DigitResult]:
    """Measure digit by digit.

    Raises:
        InputError: ``mnist/mnist.npz`` is missing or holds something else.
    """
    x_train, y_train, x_test, y_test = _read(data / "mnist" / "mnist.npz")
    for digit in digits:
        clean, other = x_train[y_train == digit], y_test != digit
        learned = learn(clean[..., None], seed=0)
        scores = learned.scorer.scores(x_test[..., None])
        yield DigitResult(digit, auroc(pca_scores(clean, x_test), other), auroc(scores, other), learned.cpu_seconds)


def pca_scores(train: NDArray[np.uint8], test: NDArray[np.uint8], components: int = COMPONENTS) -> NDArray[np.float64]:
    """Score images ``test`` by the squared error of their pixels' reconstruction from components of ``train``."""
    rows, asked = (images.reshape(len(images), -1) / 255 for images in (train, test))
    fitted = PCA(components, random_state=0).fit(rows)
    return np.asarray(((asked - fitted.inverse_transform(fitted.transform(asked))) ** 2).sum(axis=1))


def _read(file: Path) -> list[NDArray[np.uint8]]:
    try:
        with np.load(file, allow_pickle=False) as arrays:
            return [arrays[name] for name in NAMES]
    except (OSError, ValueError, KeyError, zipfile.BadZipFile) as error:
        raise InputError(f"{file}: expected arrays {', '.join(NAMES)}, found: {error}") from error
