"""What a detector learns from, of images that need not fit in memory: seen once, and kept small. N: images."""

from collections.abc import Iterator

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from model.image_detector import Pixels
from model.sample_form import SampleForm, SampleSet

CHUNK = 64
MOST_IMAGES_MEASURED = 2000
KEPT_VALUES = 1 << 28  # of float16: half a gibibyte of small images are kept to train on, drawn where there are more


def drawn(count: int, most: int, seed: int) -> NDArray[np.intp]:
    """Draw image numbers, ascending, without replacement: all of them where they are few enough."""
    return np.sort(np.random.default_rng(seed).permutation(count)[:most])


def fit_pixels(images: SampleSet, seed: int) -> Pixels:
    """Measure mean and spread of each colour over clean images [N, H, W, C]; the spread is at least one pixel value."""
    sums, count = torch.zeros(2, 1, dtype=torch.float64), 0
    for x in _chunks(images, drawn(len(images), MOST_IMAGES_MEASURED, seed)):
        values = x.double()
        sums = sums + torch.stack([values.sum(dim=(0, 1, 2)), values.square().sum(dim=(0, 1, 2))])
        count += values[..., 0].numel()
    mean, square = sums / count
    return Pixels(mean.float(), (square - mean.square()).clamp(min=1.0).sqrt().float())


@torch.no_grad()
def transformed(images: SampleSet, graph: nn.Module, rows: NDArray[np.intp], dtype: torch.dtype) -> Tensor:
    """Return what ``graph`` makes of the images ``rows`` [n], taken a few at a time."""
    graph.eval()
    # One place for all: thousands of small results between large ones that come and go keep the memory of these from
    # being used again.
    made = torch.empty(0)
    done = 0
    for x in _chunks(images, rows):
        part = graph(x)
        if not done:
            made = torch.empty(len(rows), *part.shape[1:], dtype=dtype)
        made[done : done + len(part)] = part
        done += len(part)
    return made


class SmallImages:
    """Images as a network takes them, kept in half precision: a set that training fetches batches from."""

    def __init__(self, images: SampleSet, graph: nn.Module, shape: tuple[int, ...], seed: int) -> None:
        rows = drawn(len(images), max(KEPT_VALUES // int(np.prod(shape)), 1), seed)
        self.kept = transformed(images, graph, rows, torch.float16)

    def __len__(self) -> int:
        return len(self.kept)

    def __getitem__(self, rows: Tensor) -> Tensor:
        return self.kept[rows].float()


def _chunks(images: SampleSet, rows: NDArray[np.intp]) -> Iterator[Tensor]:
    first = images[rows[:1]]
    size = SampleForm(first.shape[1:]).chunk(CHUNK)
    for start in range(0, len(rows), size):
        yield torch.from_numpy(np.ascontiguousarray(images[rows[start : start + size]]))
