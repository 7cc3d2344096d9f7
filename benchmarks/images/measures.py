"""How well images and their pixels are told apart. N: images, H, W: pixels."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import label
from sklearn.metrics import roc_auc_score

MOST_FALSE_PIXELS = 0.3  # the share of clean pixels up to which overlap is counted, as published figures have it
LINES = 300
EIGHT_NEIGHBOURS = np.ones((3, 3))


def auroc(scores: NDArray[np.floating[Any]], anomalous: NDArray[np.bool_]) -> float:
    """Return the area under the ROC curve of ``scores``, of whatever shape, in per cent."""
    return 100 * float(roc_auc_score(anomalous.ravel(), scores.ravel()))


def per_region_overlap(heat: NDArray[np.float32], masks: NDArray[np.bool_]) -> float:
    """Return the area under the curve of mean overlap per region, in per cent of what is possible.

    For every line that between none and 30 % of clean pixels exceed, the share of each connected region of ``masks``
    [N, H, W] that exceeds it in ``heat`` [N, H, W] is averaged over regions, small ones counting as much as large ones
    (Bergmann et al., The MVTec Anomaly Detection Dataset, IJCV 2021).
    """
    clean = heat[~masks]
    rates = np.linspace(0, MOST_FALSE_PIXELS, LINES)
    lines = np.quantile(clean, 1 - rates)
    overlaps = []
    for image, mask in zip(heat, masks, strict=True):
        regions, count = label(mask, EIGHT_NEIGHBOURS)
        for number in range(1, count + 1):
            inside = np.sort(image[regions == number])
            overlaps.append(1 - np.searchsorted(inside, lines, side="right") / inside.size)
    mean = np.mean(overlaps, axis=0)
    return 100 * float(np.trapezoid(mean, rates)) / MOST_FALSE_PIXELS
