"""The detector on a backbone's features, as it is: learn, export, and ask the exported graph."""

import time
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.images.plumbline import SHARE_FOR_VALIDATION, Learned
from model.raw_scorer import RawScorer
from model.sample_form import SampleForm
from training.config import FitConfig
from training.export import export_graphs
from training.images.backbone import ReadBackbone, read_backbone
from training.images.learn_features import learn_feature_detector
from training.modality_config import BackboneConfig

# What SqueezeNet 1.1 was trained on; of a grey image the order of colours says nothing.
CONFIG = BackboneConfig(colour="bgr", licence="MIT")


def read(file: Path) -> ReadBackbone:
    """Read the backbone ``file``, its layers as proposed."""
    return read_backbone(CONFIG.model_copy(update={"file": str(file)}))


def learn_features(backbone: ReadBackbone, clean: NDArray[np.uint8], seed: int) -> Learned:
    """Learn from ``clean`` [N, H, W, C] by default; a random 15 % of them validate, as in training."""
    started = time.process_time()
    order = np.random.default_rng(seed).permutation(len(clean))
    held_out = max(round(SHARE_FOR_VALIDATION * order.size), 1)
    validation, train = clean[np.sort(order[:held_out])], clean[np.sort(order[held_out:])]
    form = SampleForm(clean.shape[1:], "uint8", rebuilt=False)
    trained = learn_feature_detector(train, validation, form, backbone, CONFIG, FitConfig(), seed)
    scorer = RawScorer(export_graphs(trained.graphs).scorer)
    return Learned(scorer, time.process_time() - started)
