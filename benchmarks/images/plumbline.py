"""Plumbline as it is: learn, export, and ask the exported graph."""

import time
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model.raw_scorer import RawScorer
from model.sample_form import SampleSet
from training.config import FitConfig, TrainingConfig
from training.export import export_graphs
from training.images.learn import learn_image_detector

# The VAE says what an image should have been and takes no part in the score: a short fit changes no figure here.
SHORT = FitConfig(steps=100)
SHARE_FOR_VALIDATION = 0.15


@dataclass(frozen=True)
class Learned:
    """The exported scorer, and the processor time that learning and exporting took."""

    scorer: RawScorer
    cpu_seconds: float


def learn(clean: NDArray[np.uint8], seed: int) -> Learned:
    """Learn from ``clean`` [N, H, W, C] by default; a random 15 % of them validate, as in training."""
    started = time.process_time()
    order = np.random.default_rng(seed).permutation(len(clean))
    held_out = max(round(SHARE_FOR_VALIDATION * order.size), 1)
    config = TrainingConfig(modality="image", seed=seed, fit=SHORT)
    validation, train = clean[np.sort(order[:held_out])], clean[np.sort(order[held_out:])]
    detector = learn_image_detector(train, validation, config, None, lambda _record, _epochs: None)
    scorer = RawScorer(export_graphs(detector.graphs).scorer)
    return Learned(scorer, time.process_time() - started)


def milliseconds(scorer: RawScorer, images: SampleSet, times: int) -> float:
    """Return the median processor time in which one image is scored, on one thread."""
    taken = []
    for number in range(times):
        image = images[number % len(images) : number % len(images) + 1]
        started = time.process_time()
        scorer.scores(image)
        taken.append(time.process_time() - started)
    return 1000 * float(np.median(taken))
