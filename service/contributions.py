"""Why samples score as they do, feature by feature."""

import numpy as np
from numpy.typing import NDArray

from model.raw_scorer import shares
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
