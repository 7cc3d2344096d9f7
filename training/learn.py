"""From rows to a trained detector: standardise, fit the VAE, learn the metric of its residuals."""

from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray

from model.detector import Metric, Standardiser
from model.detector_graphs import DetectorGraphs, vae_graphs
from model.features import FeatureSpec
from model.vae import VAE
from training.absence import fit_absence
from training.checkpoint import Checkpoint
from training.config import TrainingConfig
from training.fit import fit
from training.history import TrainingHistory
from training.metric import fit_metric
from training.progress import OnEpoch
from training.standardise import fit_standardiser, standardised


@dataclass(frozen=True)
class TrainedDetector:
    """Everything the graphs are made of, and how it was learned."""

    vae: VAE
    standardiser: Standardiser
    metric: Metric
    history: TrainingHistory

    @property
    def graphs(self) -> DetectorGraphs:
        return vae_graphs(self.vae, self.standardiser, self.metric)


def learn_detector(
    train: NDArray[np.float64],
    validation: NDArray[np.float64],
    spec: FeatureSpec,
    config: TrainingConfig,
    checkpoint: Checkpoint | None,
    on_epoch: OnEpoch,
) -> TrainedDetector:
    """Learn from clean ``train`` [N, F] and ``validation`` [M, F], in engineering units."""
    standardiser = fit_standardiser(train, spec.names)
    features = train.shape[1]
    latent_size = config.vae.latent_size or (features + 1) // 2
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(config.seed)
        vae = VAE(
            features,
            latent_size,
            config.vae.hidden,
            config.vae.noise,
            config.vae.noise_floor,
            masked=spec.most_absent > 0,
        )
    fitted = fit(
        vae,
        standardised(train, standardiser),
        standardised(validation, standardiser),
        config.fit,
        config.seed,
        checkpoint,
        on_epoch,
    )
    # Validation rows chose the epoch but moved no weight: their residuals are clean and not over-fitted.
    metric = fit_metric(fitted.vae, standardiser, train, validation, config.score, config.seed)
    if fitted.vae.masked:
        # A row that the score compares with itself says nothing of others: half of the validation rows stay out of it.
        half = len(validation) // 2
        without = fit_metric(fitted.vae, standardiser, train, validation[:half], config.score, config.seed)
        scorer = vae_graphs(fitted.vae, standardiser, without).exact().scorer
        absence = fit_absence(scorer, validation[half:], spec.most_absent, config.target_fpr, config.seed)
        metric = replace(metric, absence=absence)
    return TrainedDetector(fitted.vae, standardiser, metric, fitted.history)
