"""Plumbline under the protocol: what ``plumbline-train`` learns by default from the same training rows."""

import time
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from benchmarks.quality.protocol import OneClassSplit
from model.detector_graphs import DetectorGraphs
from training.config import TrainingConfig
from training.learn import learn_detector

CHUNK = 4096  # rows scored at once: explanations of a wide set take memory


@dataclass(frozen=True)
class Learned:
    """Scores [M] of the test rows, and what learning took."""

    scores: NDArray[np.float64]
    seconds: float
    cpu_seconds: float


def plumbline_scores(split: OneClassSplit, config: TrainingConfig) -> Learned:
    """Learn from ``split.train`` as the product would, and score ``split.test``.

    The rows have no order in time, so a random share (``split.validation``, 15 %) of the training rows stops the fit; no
    row is held out for calibration, since no threshold is set. Rows come in units of the file, for Plumbline standardises
    inside.
    """
    order = np.random.default_rng(config.seed).permutation(len(split.train))
    held_out = max(round(config.split.validation * order.size), 1)
    validation, fitted = np.sort(order[:held_out]), np.sort(order[held_out:])
    kept = learnable_columns(split.train[fitted])
    train, spec = split.train[:, kept], config.feature_spec(tuple(f"x{column}" for column in kept))
    started, cpu_started = time.monotonic(), time.process_time()
    detector = learn_detector(train[fitted], train[validation], spec, config, None, lambda _record, _epochs: None)
    seconds, cpu_seconds = time.monotonic() - started, time.process_time() - cpu_started
    return Learned(_scores(detector.graphs, split.test[:, kept]), seconds, cpu_seconds)


def learnable_columns(rows: NDArray[np.float64]) -> list[int]:
    """Leave out columns of ``rows`` [N, F] that never change or repeat another, as ``training.clean_data`` does.

    That module is not asked: results would no longer hold each time the reading of files changes.
    """
    first: dict[bytes, int] = {}
    for column, values in enumerate(rows.T):
        if values.min() != values.max():
            first.setdefault(values.tobytes(), column)
    return list(first.values())


@torch.no_grad()
def _scores(graphs: DetectorGraphs, rows: NDArray[np.float64]) -> NDArray[np.float64]:
    """Score ``rows`` [M, F] in float64, as the parity gate does to hold exported graphs against it."""
    scorer = graphs.exact().scorer.eval()
    return np.concatenate([scorer(part)[0].numpy() for part in torch.from_numpy(rows).split(CHUNK)])
