"""The figures as tables, those that are published beside those that are measured."""

from collections.abc import Mapping, Sequence

import numpy as np

from benchmarks.images.mnist import DigitResult
from benchmarks.images.tiles import DEFECTS, TileResult
from benchmarks.results import show


def show_digits(results: Sequence[DigitResult]) -> None:
    """Show AUROC digit by digit and on average."""
    rows = [(str(result.digit), f"{result.pca:.1f}", f"{result.pixels:.1f}") for result in results]
    mean = np.mean([(result.pca, result.pixels) for result in results], axis=0)
    note = "Elsewhere: 5 nearest neighbours on pixels 95.1, VAEs of the literature about 96.9."
    show(
        "MNIST, one digit against the rest: AUROC in per cent",
        ("clean digit", "PCA(64) on pixels", "pixel detector"),
        [*rows, ("mean", f"{mean[0]:.1f}", f"{mean[1]:.1f}")],
        note,
    )


def show_tiles(results: Mapping[str, Sequence[TileResult]]) -> None:
    """Show image AUROC, by kind as well, and how well pixels are told apart, mean over seeds and its spread."""
    pixels = next(iter(results.values()))
    pca = np.array([result.pca for result in pixels])
    heads = ("image AUROC", *DEFECTS, "pixel AUROC", "PRO")
    show(
        f"magnetic tiles, {len(pixels)} seeds: per cent, mean and standard deviation",
        ("detector", *heads),
        [
            ("PCA(100) on 32 x 32 pixels", _spread(pca), *("" for _ in heads[1:])),
            *((detector, *_figures(of_seeds)) for detector, of_seeds in results.items()),
        ],
        "Elsewhere, on the full set: GANomaly 76.6, 1-NN on features 80.0, DifferNet 97.7, PatchCore 97.9 image AUROC.",
    )
    taken = {detector: np.median([result.milliseconds for result in of]) for detector, of in results.items()}
    rows = [(detector, f"{milliseconds:.1f}") for detector, milliseconds in taken.items()]
    show("one image of 256 x 256, one thread", ("detector", "ms"), rows)


def _figures(results: Sequence[TileResult]) -> list[str]:
    kinds = [[result.kinds[kind] for result in results] for kind in DEFECTS]
    columns = [[r.image for r in results], *kinds, [r.pixel for r in results], [r.overlap for r in results]]
    return [_spread(np.array(column)) for column in columns]


def _spread(values: "np.ndarray[tuple[int], np.dtype[np.float64]]") -> str:
    return f"{values.mean():.1f} ± {values.std():.1f}"
