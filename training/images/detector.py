"""Which detector images get: one of their pixels or, where a backbone is named, one of its features."""

import logging
from dataclasses import dataclass

from model.detector_graphs import DetectorGraphs
from model.manifest import MeasuredScore
from model.modality import Backbone
from model.sample_form import SampleForm
from training.checkpoint import Checkpoint
from training.clean_samples import CleanSamples
from training.config import TrainingConfig
from training.history import TrainingHistory
from training.images.backbone import read_backbone
from training.images.learn import learn_image_detector
from training.images.learn_features import learn_feature_detector
from training.progress import OnEpoch

log = logging.getLogger("plumbline.training")


@dataclass(frozen=True)
class TrainedImages:
    """A detector of images, how it was learned, what it measures, and the backbone in it, if any."""

    graphs: DetectorGraphs
    history: TrainingHistory
    score: MeasuredScore
    backbone: Backbone | None = None


def learn_images(
    clean: CleanSamples, form: SampleForm, config: TrainingConfig, checkpoint: Checkpoint, on_epoch: OnEpoch
) -> TrainedImages:
    """Learn from clean images of ``form``.

    Raises:
        InputError: the backbone cannot be read.
        GateError: training diverged.
    """
    if config.backbone.file is None:
        log.info(
            "no backbone is named: pixels are judged alone; features of a network that has seen many images (--backbone) may find "
            "more: on magnetic tiles AUROC 95.7 instead of 93.0, see docs/backbones.md"
        )
        pixels = learn_image_detector(clean.train, clean.validation, config, checkpoint, on_epoch)
        return TrainedImages(pixels.graphs, pixels.history, "patches")
    backbone = read_backbone(config.backbone)
    about = backbone.description
    log.info(
        "backbone %s, licence %s, %s %s", about.file, about.licence,
        "layers proposed:" if backbone.proposed else "layers", ", ".join(about.layers),
    )  # fmt: skip
    features = learn_feature_detector(
        clean.train, clean.validation, form, backbone, config.backbone, config.fit, config.seed, on_epoch
    )
    return TrainedImages(features.graphs, features.history, "features", about)
