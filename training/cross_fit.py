"""Cross-fitting: every clean row scored by a detector that has not learned from it, nor from its neighbours."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from model.features import FeatureSpec
from training.certify import Reference, torch_reference
from training.config import TrainingConfig
from training.folds import plan_folds
from training.learn import TrainedDetector, learn_detector

CHUNK = 8192  # rows scored at once, to bound memory


@dataclass(frozen=True)
class OutOfFold:
    """Clean rows as detectors see them that did not learn from them, in the order of the rows.

    ``score`` [N] is in multiples of the typical score of the row's detector (``typical_score``), so that rows of
    different folds compare; ``contribution`` [N, F] is in the same unit. ``fold`` [N] numbers the folds from zero.
    """

    score: NDArray[np.float64]
    contribution: NDArray[np.float64]
    fold: NDArray[np.intp]


class OnFold(Protocol):
    """Be told how many folds are done and how many there are."""

    def __call__(self, done: int, folds: int, /) -> None: ...


def cross_fit(
    values: NDArray[np.float64],
    groups: NDArray[np.str_] | None,
    spec: FeatureSpec,
    config: TrainingConfig,
    folds: int,
    on_fold: OnFold,
) -> OutOfFold:
    """Score every clean row of ``values`` [N, F], in engineering units and time order, out of its fold.

    Folds are shared out and detectors learned as ``config`` says, from the same seed. The folds divide the steps of one
    fit between them, so all together take about as long as one.

    Raises:
        InputError: too few rows or groups, or a feature that never changes in a fold's training rows.
        GateError: training diverged.
    """
    plan = plan_folds(len(values), groups, config.split, folds, config.seed)
    steps = max(config.fit.steps // len(plan), 1)
    shorter = config.model_copy(update={"fit": config.fit.model_copy(update={"steps": steps})})
    score, contribution = np.empty(len(values)), np.empty_like(values)
    member = np.empty(len(values), dtype=np.intp)
    for number, fold in enumerate(plan):
        train, validation = values[fold.train], values[fold.validation]
        detector = learn_detector(train, validation, spec, shorter, None, lambda _record, _epochs: None)
        unit = typical_score(detector, np.vstack([train, validation]))
        for start in range(0, fold.held_out.size, CHUNK):
            rows = fold.held_out[start : start + CHUNK]
            seen = _seen(detector, values[rows])
            score[rows], contribution[rows] = seen.score / unit, seen.contribution / unit
        member[fold.held_out] = number
        on_fold(number + 1, len(plan))
    return OutOfFold(score, contribution, member)


def typical_score(detector: TrainedDetector, learned: NDArray[np.float64]) -> float:
    """Return the median score of the rows ``learned`` [M, F] that made ``detector``, the unit of its scores.

    Detectors of different folds share most of these rows. So the median follows the units of the score and not what
    happened in one stretch of time, as that of a fold's validation rows would.
    """
    parts = [_seen(detector, learned[start : start + CHUNK]).score for start in range(0, len(learned), CHUNK)]
    return float(np.median(np.concatenate(parts))) or 1.0


def _seen(detector: TrainedDetector, x: NDArray[np.float64]) -> Reference:
    return torch_reference(detector.graphs, x)
