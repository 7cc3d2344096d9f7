"""Does the largest contribution name the right sensor? Single-sensor faults of known size, on a trained detector.

``python -m benchmarks.contributions``

The plant is that of ``benchmarks.calibration``: ten hidden causes behind thirty readings. A fault shifts one reading by
a multiple of its own clean spread. Of the faults that raise an alarm, the table says how often the faulty reading has
the largest contribution, or one of the three largest.
"""

from dataclasses import dataclass
from typing import get_args

import numpy as np
import torch
from numpy.typing import NDArray

from benchmarks.calibration import Plant
from model.detector import Metric, ScorerGraph
from model.features import Feature, FeatureSpec
from model.manifest import ScoreKind
from training.config import TrainingConfig
from training.learn import TrainedDetector, learn_detector
from training.metric import fit_metric

Array = NDArray[np.float64]

SIZES = (1, 2, 4, 8, 30)
FAULTS = 3000
TARGET_FPR = 0.01


@dataclass(frozen=True)
class Naming:
    """What became of faults of one size: the share that raised an alarm, and of those the shares named rightly."""

    detected: float
    first: float
    among_three: float


@torch.no_grad()
def scored(detector: TrainedDetector, metric: Metric, x: Array) -> tuple[Array, Array]:
    """Return scores [B] and contributions [B, F]."""
    score, _, contribution = ScorerGraph(detector.vae, detector.standardiser, metric)(torch.from_numpy(x))
    return score.numpy(), contribution.numpy()


def name_faults(detector: TrainedDetector, metric: Metric, clean: Array, size: float) -> Naming:
    """Shift one reading of each clean row by ``size`` spreads, up or down, and see who is named."""
    rng = np.random.default_rng(3)
    threshold = np.quantile(scored(detector, metric, clean)[0], 1 - TARGET_FPR)
    x, faulty = clean[:FAULTS].copy(), np.arange(FAULTS) % clean.shape[1]
    x[np.arange(FAULTS), faulty] += size * clean.std(axis=0)[faulty] * rng.choice([-1, 1], FAULTS)
    score, contribution = scored(detector, metric, x)
    alarm = score > threshold
    largest = np.argsort(-contribution[alarm], axis=1)
    hits = largest == faulty[alarm, None]
    return Naming(float(alarm.mean()), float(hits[:, 0].mean()), float(hits[:, :3].any(axis=1).mean()))


def main() -> None:
    plant, rng = Plant.drawn(), np.random.default_rng(4)
    train, validation, clean = plant.rows(5000, rng), plant.rows(1000, rng), plant.rows(20_000, rng)
    spec = FeatureSpec(features=tuple(Feature(name=f"reading {i}") for i in range(train.shape[1])))
    detector = learn_detector(train, validation, spec, TrainingConfig(), None, lambda _record, _epochs: None)
    print("| score | fault, spreads | raises an alarm | named first | among the first three |")
    print("|---|---:|---:|---:|---:|")
    kinds: tuple[ScoreKind, ...] = get_args(ScoreKind)
    for kind in kinds:
        metric = fit_metric(detector.vae, detector.standardiser, train, validation, kind, seed=0)
        for size in SIZES:
            naming = name_faults(detector, metric, clean, size)
            shares = f"{naming.detected:.1%} | {naming.first:.1%} | {naming.among_three:.1%}"
            print(f"| `{kind}` | {size} | {shares} |", flush=True)


if __name__ == "__main__":
    main()
