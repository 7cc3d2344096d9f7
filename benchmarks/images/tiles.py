"""Magnetic tiles: trained on 80 % of the clean ones, tested on the other 20 % and every defect, of five kinds."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from benchmarks.images.measures import auroc, per_region_overlap
from benchmarks.images.mnist import pca_scores
from benchmarks.images.plumbline import Learned, learn, milliseconds
from model.errors import InputError
from model.images.decode import open_image
from model.images.resize import resize

CLEAN = "Free"
DEFECTS = ("Blowhole", "Break", "Crack", "Fray", "Uneven")
SIDE = 256  # tiles differ in size: all are brought to this one, as `image.resize` declares it
PCA_SIDE, COMPONENTS = 32, 100
SHARE_TO_TRAIN = 0.8
TIMES = 50


Learner = Callable[[NDArray[np.uint8], int], Learned]


@dataclass(frozen=True)
class Tiles:
    """Images [N, 256, 256, 1], the masks of their defects [N, 256, 256], and the kind of each [N]."""

    images: NDArray[np.uint8]
    masks: NDArray[np.bool_]
    kinds: NDArray[np.str_]


@dataclass(frozen=True)
class TileResult:
    """Figures in per cent of one seed: image AUROC over all and by kind of defect, pixel AUROC and PRO."""

    seed: int
    pca: float
    image: float
    kinds: dict[str, float]
    pixel: float
    overlap: float
    milliseconds: float
    cpu_seconds: float


def measure_tiles(tiles: Tiles, seeds: Sequence[int], learner: Learner = learn) -> Iterator[TileResult]:
    """Measure what ``learner`` makes of clean images, seed by seed: a seed draws which ones are trained on."""
    for seed in seeds:
        train, test = split(tiles, seed)
        kinds, anomalous = tiles.kinds[test], tiles.kinds[test] != CLEAN
        learned = learner(tiles.images[train], seed)
        scores = learned.scorer.scores(tiles.images[test])
        heat = learned.scorer.contributions(tiles.images[test]).astype(np.float32)
        small = np.stack([resize(image, PCA_SIDE, PCA_SIDE) for image in tiles.images])
        of_kind = {kind: (kinds == CLEAN) | (kinds == kind) for kind in DEFECTS}
        yield TileResult(
            seed=seed,
            pca=auroc(pca_scores(small[train], small[test], COMPONENTS), anomalous),
            image=auroc(scores, anomalous),
            kinds={kind: auroc(scores[chosen], anomalous[chosen]) for kind, chosen in of_kind.items()},
            pixel=auroc(heat, tiles.masks[test]),
            overlap=per_region_overlap(heat, tiles.masks[test]),
            milliseconds=milliseconds(learned.scorer, tiles.images[test], TIMES),
            cpu_seconds=learned.cpu_seconds,
        )


def split(tiles: Tiles, seed: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return the numbers of the images to train on and of those to test on."""
    clean = np.random.default_rng(seed).permutation(np.flatnonzero(tiles.kinds == CLEAN))
    count = round(SHARE_TO_TRAIN * clean.size)
    return clean[:count], np.concatenate([clean[count:], np.flatnonzero(tiles.kinds != CLEAN)])


def read_tiles(data: Path) -> Tiles:
    """Read all tiles, ``magnetic_tile/MT_KIND/NAME.jpg`` with masks ``NAME.png`` beside those with defects.

    Raises:
        InputError: a kind has no images, or a mask is missing.
    """
    images, masks, kinds = [], [], []
    for kind in (CLEAN, *DEFECTS):
        folder = data / "magnetic_tile" / f"MT_{kind}"
        files = sorted(folder.glob("*.jpg"))
        if not files:
            raise InputError(f"{folder}: expected images *.jpg, found none; docs/images.md says where to get them")
        for file in files:
            images.append(resize(open_image(file.read_bytes()).pixels(), SIDE, SIDE))
            masks.append(np.zeros((SIDE, SIDE), bool) if kind == CLEAN else _mask(file.with_suffix(".png")))
            kinds.append(kind)
    return Tiles(np.stack(images), np.stack(masks), np.array(kinds))


def _mask(file: Path) -> NDArray[np.bool_]:
    if not file.exists():
        raise InputError(f"{file}: expected the mask of the defect in the image of that name, found no such file")
    with Image.open(file) as mask:
        nearest = mask.convert("L").resize((SIDE, SIDE), Image.Resampling.NEAREST)
    return np.asarray(nearest) > np.iinfo(np.uint8).max // 2
