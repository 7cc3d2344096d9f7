"""Which detector finds more: all of them on the same injected faults, at the same false-alarm rate.

n: clean calibration rows. R: faulty rows. F: features.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model.detector_graphs import DetectorGraphs
from model.manifest import DetectorKind
from training.calibrate import tolerance_minimum, tolerance_rank
from training.certify import torch_reference
from training.config import TrainingConfig
from training.injected_faults import InjectedFaults, inject_faults

Array = NDArray[np.float64]

CONFIDENCE = 0.95
REPLICATES = 400
BLOCKS = 40  # of neighbouring rows, drawn whole: what is alike in time must not count as many


@dataclass(frozen=True)
class Interval:
    """An estimate, and where it would lie over other calibration rows, with ``CONFIDENCE``."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Standing:
    """How one detector did.

    ``detection`` is the share of faulty rows that raise an alarm, ``right_sensor`` the share of those alarms in which the
    faulty feature has the largest contribution. ``behind`` is how much more the leader detects, beyond chance where it
    does not reach zero; over all rivals of the leader together it holds with ``CONFIDENCE``.
    """

    detection: Interval
    right_sensor: Interval
    by_kind: Mapping[str, float]
    behind: Interval


@dataclass(frozen=True)
class Comparison:
    """All detectors on the same ``faults`` (kinds, sizes and features), best first."""

    standings: Mapping[DetectorKind, Standing]
    faults: int
    features: int
    rows: int

    @property
    def leaders(self) -> tuple[DetectorKind, ...]:
        """The best detector, and those that chance alone may have put behind it."""
        return tuple(kind for kind, standing in self.standings.items() if standing.behind.low <= 0)

    @property
    def best(self) -> DetectorKind:
        return next(iter(self.standings))

    def metrics(self) -> dict[str, float]:
        """Give the figures as the manifest lists them."""
        detection = {f"injected_detection_{kind}": found.detection.value for kind, found in self.standings.items()}
        named = {f"injected_right_sensor_{kind}": found.right_sensor.value for kind, found in self.standings.items()}
        return {**detection, **named}


@dataclass(frozen=True)
class _Answers:
    """What a detector says: ``clean`` [n] and ``faulty`` [R] scores, and whether the fault is named ``rightly`` [R]."""

    clean: Array
    faulty: Array
    rightly: NDArray[np.bool_]


def compare_detectors(
    detectors: Mapping[DetectorKind, DetectorGraphs], calibration: Array, config: TrainingConfig
) -> Comparison:
    """Compare ``detectors`` on faults injected into ``calibration`` [n, F], clean rows in time order that none has seen.

    Each detector's threshold leaves the same number of calibration rows above it: the number that the rule of
    ``config`` allows. Intervals are those of a bootstrap over blocks of neighbouring rows, thresholds included
    (Künsch 1989), the same blocks for every detector.
    """
    faults = inject_faults(calibration, config.seed)
    answers = {kind: _answers(graphs, calibration, faults) for kind, graphs in detectors.items()}
    above = allowed_above(len(calibration), config)
    samples = _resampled(answers, faults, above, len(calibration), config.seed)
    order = sorted(detectors, key=lambda kind: -samples[kind][0, 0])
    lead = samples[order[0]][:, 0]
    rivals = max(len(order) - 1, 1)
    standings = {
        kind: Standing(
            detection=_interval(samples[kind][:, 0]),
            right_sensor=_interval(samples[kind][:, 1]),
            by_kind=_by_kind(answers[kind], faults, above),
            behind=_interval(lead - samples[kind][:, 0], 1 - (1 - CONFIDENCE) / rivals),
        )
        for kind in order
    }
    return Comparison(standings, faults.count, faults.features, len(faults.x))


def allowed_above(count: int, config: TrainingConfig) -> int:
    """Say how many of ``count`` calibration scores may lie above a threshold that promises what ``config`` asks for."""
    rate, confidence = config.target_fpr, config.calibration.confidence
    if config.calibration.rule == "tolerance" and count >= tolerance_minimum(rate, confidence):
        return count - tolerance_rank(count, rate, confidence)
    return int(rate * count)


def _answers(graphs: DetectorGraphs, calibration: Array, faults: InjectedFaults) -> _Answers:
    clean, faulty = torch_reference(graphs, calibration), torch_reference(graphs, faults.x)
    return _Answers(clean.score, faulty.score, faulty.contribution.argmax(axis=1) == faults.feature)


def _resampled(
    answers: Mapping[DetectorKind, _Answers], faults: InjectedFaults, above: int, count: int, seed: int
) -> dict[DetectorKind, Array]:
    """Return detection and right-sensor rates [1 + REPLICATES, 2], those of the rows as they are first."""
    blocks = min(BLOCKS, count)
    block = np.arange(count) * blocks // count
    members = [np.flatnonzero(block == number) for number in range(blocks)]
    rng = np.random.default_rng([seed, 2])
    draws = [np.arange(blocks), *rng.integers(blocks, size=(REPLICATES, blocks))]
    rates: dict[DetectorKind, Array] = {kind: np.empty((len(draws), 2)) for kind in answers}
    for number, drawn in enumerate(draws):
        rows = np.concatenate([members[index] for index in drawn])
        weight = np.bincount(drawn, minlength=blocks)[block[faults.source]].astype(np.float64)
        for kind, answer in answers.items():
            alarm = answer.faulty > _order_statistic(answer.clean[rows], above)
            raised = float(weight @ alarm)
            rates[kind][number] = raised / weight.sum(), float(weight @ (alarm & answer.rightly)) / max(raised, 1e-300)
    return rates


def _order_statistic(scores: Array, above: int) -> float:
    """Return the smallest score with at most ``above`` of ``scores`` [m] over it, or as many as are left."""
    rank = max(scores.size - 1 - above, 0)
    return float(np.partition(scores, rank)[rank])


def _interval(samples: Array, confidence: float = CONFIDENCE) -> Interval:
    low, high = np.quantile(samples[1:], [(1 - confidence) / 2, (1 + confidence) / 2])
    return Interval(float(samples[0]), float(low), float(high))


def _by_kind(answer: _Answers, faults: InjectedFaults, above: int) -> dict[str, float]:
    alarm = answer.faulty > _order_statistic(answer.clean, above)
    kinds: Sequence[str] = list(dict.fromkeys(faults.kind.tolist()))
    return {kind: float(alarm[faults.kind == kind].mean()) for kind in kinds}
