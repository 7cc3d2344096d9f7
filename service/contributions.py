"""Why samples score as they do, feature by feature and, of windows, step by step."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model.raw_scorer import shares
from service.answers import Contribution
from service.registry.models import ServedModel


@dataclass(frozen=True)
class Parts:
    """What of a score is whose: ``features``, largest share first; the shares of a window's ``steps``, oldest first."""

    features: list[Contribution]
    steps: list[float] | None


def contributions(x: NDArray[np.float64], model: ServedModel) -> list[Parts]:
    """Take the scores of valid samples ``x`` [B, F] or [B, T, F] apart; of a window its last step is shown."""
    if not len(x):
        return []
    explanation = model.scorer.explain(x)
    contribution, expected, observed = explanation.contribution, explanation.reconstruction, x
    steps: list[list[float]] | list[None] = [None] * len(x)
    if model.steps is not None:
        steps = shares(contribution.sum(axis=2)).tolist()
        contribution, expected, observed = contribution.sum(axis=1), expected[:, -1], x[:, -1]
    share = shares(contribution)
    order = np.argsort(-share, axis=1, kind="stable")
    names = model.spec.names
    return [
        Parts(
            [
                {"feature": names[column], "share": part[column], "observed": seen[column], "expected": awaited[column]}
                for column in columns
            ],
            of_steps,
        )
        for columns, part, seen, awaited, of_steps in zip(
            order.tolist(), share.tolist(), observed.tolist(), expected.tolist(), steps, strict=True
        )
    ]
