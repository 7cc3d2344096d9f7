"""From clean images to a trained detector on a backbone's features. N: images, P: places of an image, F: features."""

from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.covariance import ledoit_wolf
from torch import Tensor

from model.detector_graphs import DetectorGraphs
from model.feature_detector import (
    Descriptors,
    FeatureScorerGraph,
    Places,
    PlacesGraph,
    Units,
    WholeGraph,
)
from model.feature_maps import FeatureMaps, Intake
from model.neighbourhood import compressed
from model.sample_form import SampleForm, SampleSet
from model.vae import VAE
from training.config import FitConfig
from training.fit import fit
from training.history import TrainingHistory
from training.images.backbone import ReadBackbone
from training.modality_config import BackboneConfig
from training.neighbourhood import PILOT_SHARE
from training.progress import OnEpoch

MOST_PLACES = 20_000  # are trained on, however many images there are: neighbouring places say nearly the same
MOST_IMAGES = 2000
MOST_VALUES = 2_000_000  # of the descriptors that the graph keeps
AXES, LATENT, HIDDEN = 128, 32, (256,)
NOISE_FLOOR = 0.1
# Features are compressed around this part of their mean: what counts is by which factor one changes, from there on.
KNEE = 0.05
SMALLEST = 1e-3  # of a spread or a mean: below it lies rounding
# Of what is compressed, a change of one per cent; whitening enlarges what single precision rounds by so much and no more.
SMALLEST_CHANGE = 0.01
SMALLEST_VARIANCE = 0.01
# What places count for beside the whole, in units of spread. Light and texture move the worst place of a clean image more
# than a weak fault does; a strong one moves it by dozens of spreads.
PLACES_WEIGHT = 0.1


@dataclass(frozen=True)
class TrainedFeatures:
    """The scorer, and how the network inside was learned."""

    graphs: DetectorGraphs
    history: TrainingHistory


@dataclass(frozen=True)
class _Seen:
    """Features of sampled places [n, F], float32, and descriptors [N, D], float64, of a set of images."""

    places: Tensor
    descriptors: Tensor


def learn_feature_detector(
    train: SampleSet,
    validation: SampleSet,
    form: SampleForm,
    backbone: ReadBackbone,
    config: BackboneConfig,
    fit_config: FitConfig,
    seed: int,
    on_epoch: OnEpoch = lambda _record, _epochs: None,
) -> TrainedFeatures:
    """Learn from clean images [N, H, W, C], [M, H, W, C]. Few are held at a time, and features only of sampled places."""
    intake = Intake(backbone.field, config.colour == "bgr", config.mean, config.scale)
    features = FeatureMaps(backbone.network, intake, form.shape, 8 if form.dtype == "uint8" else 16).eval()
    rng = np.random.default_rng(seed)
    seen = [_see(features, images, form, rng) for images in (train, validation)]
    places, history = _learn_places([part.places for part in seen], fit_config, seed, on_epoch)
    descriptors = _describe([part.descriptors for part in seen], features.widths)
    units = _units(features, places, descriptors, seen, validation, form)
    scorer = FeatureScorerGraph(features, places, descriptors, units)
    return TrainedFeatures(DetectorGraphs(scorer.eval(), None, form), history)


def _some(count: int, rng: np.random.Generator) -> NDArray[np.intp]:
    return np.sort(rng.permutation(count)[:MOST_IMAGES])


@torch.no_grad()
def _see(features: FeatureMaps, images: SampleSet, form: SampleForm, rng: np.random.Generator) -> _Seen:
    numbers = _some(len(images), rng)
    each = max(1, MOST_PLACES // len(numbers))
    places, descriptors = [], []
    for start in range(0, len(numbers), form.chunk(8)):
        x = torch.from_numpy(images[numbers[start : start + form.chunk(8)]])
        found, means = features(x)
        by_image = found.reshape(len(x), -1, found.shape[1])
        places += [image[torch.from_numpy(rng.permutation(len(image))[:each])] for image in by_image]
        descriptors.append(means)
    return _Seen(torch.cat(places), torch.cat(descriptors))


def _learn_places(
    parts: list[Tensor], config: FitConfig, seed: int, on_epoch: OnEpoch
) -> tuple[Places, TrainingHistory]:
    """Bring features to their principal axes, half whitened, fit the VAE to them and learn its deviations' covariance."""
    train = parts[0].double()
    centre, spread = train.mean(dim=0), train.std(dim=0)
    scale = spread.clamp(min=SMALLEST * float(spread.mean()))
    values, axes = torch.linalg.eigh(torch.cov(((train - centre) / scale).T))
    values, axes = values[-AXES:].clamp(min=SMALLEST), axes[:, -AXES:]
    # Between the axes' own spreads, of which the first few would be all there is, and equal ones, which are noise.
    axes = axes / scale[:, None] * values**-0.25 / values.sqrt().mean().sqrt()
    rows = [((part.double() - centre) @ axes).float() for part in parts]
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        vae = VAE(rows[0].shape[1], LATENT, HIDDEN, "per_feature", NOISE_FLOOR)
    fitted = fit(vae, rows[0], rows[1], config, seed, None, on_epoch)
    size = rows[0].shape[1] + LATENT
    blank = Places(fitted.vae, centre.float(), axes.float(), torch.zeros(size), torch.eye(size))
    with torch.no_grad():
        deviations = torch.cat([PlacesGraph(blank).deviation(part) for part in parts]).double()
    usual, whitening = _whitening(deviations.numpy())
    return Places(fitted.vae, blank.centre, blank.axes, usual.float(), whitening.float()), fitted.history


def _whitening(rows: NDArray[np.float64], floor: float = 0.0) -> tuple[Tensor, Tensor]:
    """Return centre and whitening of ``rows`` [N, V], correlations shrunk (Ledoit and Wolf, 2004), spreads above ``floor``."""
    centre, spread = rows.mean(axis=0), rows.std(axis=0)
    spread = np.maximum(spread, max(SMALLEST * spread.mean(), floor))
    covariance, _ = ledoit_wolf((rows - centre) / spread, assume_centered=True)
    values, axes = np.linalg.eigh(covariance)
    whitening = axes / np.sqrt(np.maximum(values, SMALLEST_VARIANCE)) / spread[:, None]
    return torch.from_numpy(centre), torch.from_numpy(whitening)


def _describe(parts: list[Tensor], widths: list[int]) -> Descriptors:
    """Whiten the compressed descriptors, each layer by itself and counting the same, and keep those of clean images."""
    every = torch.cat(parts)
    usual = every.abs().mean(dim=0)
    gain = 1 / (KNEE * usual.clamp(min=SMALLEST * float(usual.mean())))
    compact = compressed(every * gain)
    centre = torch.zeros(every.shape[1], dtype=torch.float64)
    whitening = torch.zeros(every.shape[1], every.shape[1], dtype=torch.float64)
    start = 0
    for width in widths:
        span = slice(start, start + width)
        centre[span], block = _whitening(compact[:, span].numpy(), SMALLEST_CHANGE)
        whitening[span, span] = block / np.sqrt(width * len(widths))
        start += width
    kept = ((compact - centre) @ whitening)[: max(1, MOST_VALUES // every.shape[1])]
    return Descriptors(gain, centre, whitening, kept, _reach(kept))


def _reach(kept: Tensor) -> Tensor:
    """Measure how thin clean images lie around each: the distance within which it has a share of all, by its root."""
    distances = torch.cdist(kept, kept, compute_mode="donot_use_mm_for_euclid_dist").sort(dim=1).values
    pilot = distances[:, min(len(kept) - 1, max(1, round(PILOT_SHARE * len(kept))))]
    return pilot.clamp(min=SMALLEST * float(pilot.mean()) + SMALLEST**2).sqrt()


@torch.no_grad()
def _units(
    features: FeatureMaps,
    places: Places,
    descriptors: Descriptors,
    seen: list[_Seen],
    validation: SampleSet,
    form: SampleForm,
) -> Units:
    """Measure how scores of clean images vary that are compared with other images only."""
    trained = len(seen[0].descriptors)
    others = replace(descriptors, images=descriptors.images[:trained], reach=descriptors.reach[:trained])
    whole = WholeGraph(others)(seen[1].descriptors)
    scorer = FeatureScorerGraph(features, places, descriptors, Units(1.0, 1.0))
    rows = range(0, min(len(validation), MOST_IMAGES), form.chunk(8))
    upper = torch.cat(
        [scorer.parts(torch.from_numpy(validation[slice(start, start + form.chunk(8))]))[0] for start in rows]
    )
    return Units(_spread(upper) / PLACES_WEIGHT, _spread(whole))


def _spread(scores: Tensor) -> float:
    return max(float(scores.std()) if len(scores) > 1 else 0.0, SMALLEST * float(scores.mean()), SMALLEST)
