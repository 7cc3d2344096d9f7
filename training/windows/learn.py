"""From clean windows to a trained detector: units, the fit of the VAE, the metric of its residuals."""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from model.detector_graphs import DetectorGraphs
from model.sample_form import SampleForm, SampleSet
from model.window_detector import WindowMetric, span_means, spans_of, window_graphs
from model.window_units import WindowUnits, WindowUnitsGraph
from model.window_vae import WindowVAE
from training.checkpoint import Checkpoint
from training.config import TrainingConfig
from training.fit import EVALUATION_CHUNK, fit
from training.history import TrainingHistory
from training.progress import OnEpoch
from training.windows.units import NormalisedWindows, fit_units, in_parts

# A residual spread below this part of the channel's own is rounding of the network, not knowledge about the process.
SPREAD_FLOOR = 0.01
METRIC_WINDOWS = 20_000  # of each part; more say nothing new about a mean square


@dataclass(frozen=True)
class TrainedWindowDetector:
    """Everything the graphs are made of, and how it was learned."""

    vae: WindowVAE
    units: WindowUnits
    metric: WindowMetric
    history: TrainingHistory

    @property
    def graphs(self) -> DetectorGraphs:
        return window_graphs(self.vae, self.units, self.metric)


def learn_window_detector(
    train: SampleSet,
    validation: SampleSet,
    config: TrainingConfig,
    checkpoint: Checkpoint | None,
    on_epoch: OnEpoch,
) -> TrainedWindowDetector:
    """Learn from clean windows [N, T, F], [M, T, F] in engineering units, each part in time order."""
    _, steps, channels = train[:1].shape
    units = fit_units(train, validation)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(config.seed)
        latent_size = config.window.latent_size or (channels + 1) // 2
        vae = WindowVAE(steps, channels, latent_size, config.vae.noise, config.vae.noise_floor)
    fitted = fit(
        vae,
        NormalisedWindows(train, units),
        NormalisedWindows(validation, units),
        config.fit,
        config.seed,
        checkpoint,
        on_epoch,
        chunk=SampleForm((steps, channels)).chunk(EVALUATION_CHUNK),
    )
    metric = fit_window_metric(fitted.vae, units, train, validation)
    return TrainedWindowDetector(fitted.vae, units, metric, fitted.history)


def fit_window_metric(vae: WindowVAE, units: WindowUnits, train: SampleSet, validation: SampleSet) -> WindowMetric:
    """Take the mean square of residuals over each span from clean windows, both parts counting alike.

    Validation windows moved no weight and lie at another time: however few they are, half of what is believed is theirs.
    """
    spans = spans_of(vae.steps)
    parts = [_mean_square(vae, units, spans, windows) for windows in (train, validation)]
    return WindowMetric(spans, ((parts[0] + parts[1]) / 2).clamp(min=SPREAD_FLOOR**2))


@torch.no_grad()
def _mean_square(vae: WindowVAE, units: WindowUnits, spans: tuple[int, ...], windows: SampleSet) -> Tensor:
    graph, means = WindowUnitsGraph(units), span_means(spans, vae.steps)
    chosen = np.linspace(0, len(windows) - 1, min(len(windows), METRIC_WINDOWS)).astype(np.intp)
    total = torch.zeros(len(spans), vae.channels, dtype=torch.float64)
    for part in in_parts(windows, chosen):
        held, _ = graph.split(torch.from_numpy(part))
        rebuilt = vae.decode(vae.posterior(graph.network_input(held).float()).mean).double()
        total += (means @ (held - rebuilt)).square().sum(dim=0)
    return total / chosen.size
