"""From clean images to a trained pixel VAE: measure pixels, fit the VAE, learn what clean images look like."""

from dataclasses import dataclass

import torch

from model.detector_graphs import DetectorGraphs, LatentGraphs
from model.image_detector import (
    ImageDecoderGraph,
    ImageEncoderGraph,
    ImageScorerGraph,
    TilesGraph,
    WholeGraph,
)
from model.image_plan import ImagePlan
from model.image_vae import ImageVAE
from model.sample_form import SampleForm, SampleSet, SampleType
from training.checkpoint import Checkpoint
from training.config import FitConfig, TrainingConfig
from training.fit import fit
from training.history import TrainingHistory
from training.images.clean_look import fit_look
from training.images.clean_pixels import SmallImages, fit_pixels
from training.progress import OnEpoch

EVALUATION_CHUNK = 256
# What of the optimisation is not asked for otherwise: an image costs as much as a hundred rows of a table.
IMAGE_FIT: dict[str, float] = {"steps": 2000, "batch_size": 64, "learning_rate": 2e-3}


@dataclass(frozen=True)
class TrainedImageDetector:
    """The graphs, the VAE inside them, and how it was learned."""

    graphs: DetectorGraphs
    vae: ImageVAE
    history: TrainingHistory


def learn_image_detector(
    train: SampleSet,
    validation: SampleSet,
    config: TrainingConfig,
    checkpoint: Checkpoint | None,
    on_epoch: OnEpoch,
) -> TrainedImageDetector:
    """Learn from clean ``train`` [N, H, W, C] and ``validation`` [M, H, W, C], uint8 or uint16, fetched when needed."""
    first = train[:1]
    _, height, width, colours = first.shape
    plan = ImagePlan.of(height, width, colours)
    pixels = fit_pixels(train, config.seed)
    whole, tiles = WholeGraph(plan, pixels), TilesGraph(plan, pixels)
    shape = (colours, plan.height.whole, plan.width.whole)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(config.seed)
        vae = ImageVAE(*shape, config.image.latent_size)
    fitted = fit(
        vae,
        SmallImages(train, whole, shape, config.seed),
        SmallImages(validation, whole, shape, config.seed),
        _for_images(config.fit),
        config.seed,
        checkpoint,
        on_epoch,
        chunk=EVALUATION_CHUNK,
    )
    look = fit_look(tiles, train, validation, config.seed)
    dtype: SampleType = "uint16" if first.dtype == "uint16" else "uint8"
    graphs = DetectorGraphs(
        ImageScorerGraph(fitted.vae, plan, pixels, look),
        LatentGraphs(
            ImageEncoderGraph(fitted.vae, plan, pixels),
            ImageDecoderGraph(fitted.vae, plan, pixels),
            config.image.latent_size,
        ),
        SampleForm((height, width, colours), dtype),
    )
    return TrainedImageDetector(graphs, fitted.vae, fitted.history)


def _for_images(config: FitConfig) -> FitConfig:
    return config.model_copy(update={k: v for k, v in IMAGE_FIT.items() if k not in config.model_fields_set})
