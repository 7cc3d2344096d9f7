"""Cross-fitting: every clean row scored by a detector that has not learned from it, nor from its neighbours."""

from dataclasses import dataclass
from typing import Protocol, Self

import numpy as np
from numpy.typing import NDArray

from model.errors import InputError
from model.features import FeatureSpec
from training.certify import torch_reference
from training.config import TrainingConfig
from training.folds import plan_folds
from training.learn import TrainedDetector, learn_detector

CHUNK = 8192  # rows scored at once, to bound memory
STILL = 1e-9  # relative to its mean, a reading with less of a spread stands still but for rounding


@dataclass(frozen=True)
class OutOfFold:
    """Clean rows as detectors see them that did not learn from them, in the order of the rows.

    ``score`` [N] is in multiples of the typical score of the row's detector (``_Eyes.typical_score``), so that rows of
    different folds compare; ``contribution`` [N, F] is in the same unit. ``expected`` [N, F] is the reconstruction in
    engineering units. ``fold`` [N] numbers the folds from zero.
    """

    score: NDArray[np.float64]
    contribution: NDArray[np.float64]
    expected: NDArray[np.float64]
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
        InputError: too few rows or groups, or a fold in which nothing changes.
        GateError: training diverged.
    """
    plan = plan_folds(len(values), groups, config.split, folds, config.seed)
    steps = max(config.fit.steps // len(plan), 1)
    shorter = config.model_copy(update={"fit": config.fit.model_copy(update={"steps": steps})})
    spread = values.std(axis=0)
    spread[spread == 0] = 1.0  # nothing is ever off
    score, contribution, expected = np.empty(len(values)), np.empty_like(values), np.empty_like(values)
    member = np.empty(len(values), dtype=np.intp)
    for number, fold in enumerate(plan):
        train, validation = values[fold.train], values[fold.validation]
        eyes = _Eyes.learned(train, validation, spread, spec, shorter)
        unit = eyes.typical_score(np.vstack([train, validation]))
        for start in range(0, fold.held_out.size, CHUNK):
            rows = fold.held_out[start : start + CHUNK]
            seen = eyes.see(values[rows])
            score[rows], contribution[rows], expected[rows] = seen.score / unit, seen.contribution / unit, seen.expected
        member[fold.held_out] = number
        on_fold(number + 1, len(plan))
    return OutOfFold(score, contribution, expected, member)


@dataclass(frozen=True)
class _Seen:
    score: NDArray[np.float64]
    contribution: NDArray[np.float64]
    expected: NDArray[np.float64]


@dataclass(frozen=True)
class _Eyes:
    """A fold's detector, and the readings that stand still in its training rows, of which it can learn nothing.

    Such a reading is expected to stay at ``usual``, and a row where it does not is off by so many ``spread``, its standard
    deviation over all clean rows: who does what nobody else does must not go unseen, or stop the others from being judged.
    """

    detector: TrainedDetector
    moves: NDArray[np.bool_]
    usual: NDArray[np.float64]
    spread: NDArray[np.float64]

    @classmethod
    def learned(
        cls,
        train: NDArray[np.float64],
        validation: NDArray[np.float64],
        spread: NDArray[np.float64],
        spec: FeatureSpec,
        config: TrainingConfig,
    ) -> Self:
        moves = train.std(axis=0) > STILL * np.abs(train.mean(axis=0))
        if not moves.any():
            raise InputError(
                f"no feature changes in the {len(train):,} training rows of a fold by more than floating point resolves; "
                "give more varied data, or units in which the readings differ"
            )
        features = tuple(spec.features[index] for index in np.flatnonzero(moves))
        known = FeatureSpec(features=features, most_absent=min(spec.most_absent, len(features) - 1))
        detector = learn_detector(
            train[:, moves], validation[:, moves], known, config, None, lambda _record, _epochs: None
        )
        return cls(detector, moves, np.median(train, axis=0), spread)

    def see(self, x: NDArray[np.float64]) -> _Seen:
        """Judge rows ``x`` [B, F]."""
        moves = self.moves
        seen = torch_reference(self.detector.graphs, np.ascontiguousarray(x[:, moves]))
        contribution = np.where(moves, 0.0, ((x - self.usual) / self.spread) ** 2)
        score = seen.score + contribution.sum(axis=1)
        expected = np.tile(self.usual, (len(x), 1))
        contribution[:, moves], expected[:, moves] = seen.contribution, seen.reconstruction
        return _Seen(score, contribution, expected)

    def typical_score(self, learned: NDArray[np.float64]) -> float:
        """Return the median score of the rows ``learned`` [M, F] that made the detector, the unit of its scores.

        Detectors of different folds share most of these rows. So the median follows the units of the score and not
        what happened in one stretch of time, as that of a fold's validation rows would.
        """
        parts = [self.see(learned[start : start + CHUNK]).score for start in range(0, len(learned), CHUNK)]
        return float(np.median(np.concatenate(parts))) or 1.0
