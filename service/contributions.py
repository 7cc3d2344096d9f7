"""Why samples score as they do, feature by feature."""

import numpy as np
from numpy.typing import NDArray

from service.answers import Contribution
from service.models import ServedModel


def contributions(x: NDArray[np.float64], model: ServedModel) -> list[list[Contribution]]:
    """Take the scores of valid samples ``x`` [B, F] apart: for each sample its features, largest share first."""
    if not len(x):
        return []
    explanation = model.scorer.explain(x)
    share = shares(explanation.contribution)
    order = np.argsort(-share, axis=1, kind="stable")
    names = model.spec.names
    return [
        [
            {"feature": names[column], "share": part[column], "observed": seen[column], "expected": expected[column]}
            for column in columns
        ]
        for columns, part, seen, expected in zip(
            order.tolist(), share.tolist(), x.tolist(), explanation.reconstruction.tolist(), strict=True
        )
    ]


def shares(contribution: NDArray[np.float64]) -> NDArray[np.float64]:
    """Divide contributions [B, F] by their sum; all zero where the sum is."""
    largest = contribution.max(axis=1, keepdims=True)
    # First by the largest: the sum of what is near the end of floating point would leave it.
    scaled: NDArray[np.float64] = np.divide(contribution, np.where(largest > 0, largest, 1))
    return np.asarray(scaled / np.maximum(scaled.sum(axis=1, keepdims=True), 1))
