from collections.abc import Iterator
from functools import cache
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from model.decoder import Decoder
from model.encoder import Encoder
from model.graph_check import check_graph, signatures
from model.raw_scorer import RawScorer
from training.certify import certify, torch_reference
from training.config import FitConfig, TrainingConfig
from training.export import ExportedGraphs, export_graphs
from training.images.learn import TrainedImageDetector, learn_image_detector

SEED = 0


def ramps(shape: tuple[int, int, int], dtype: str, count: int) -> NDArray[Any]:
    """Clean images: light that falls from one side, of varying strength, with a little noise."""
    rng = np.random.default_rng(SEED)
    height, width, colours = shape
    slope = np.linspace(0.2, 0.8, width)[None, None, :, None] * rng.uniform(0.5, 1.0, (count, 1, 1, colours))
    bright = slope + rng.normal(0, 0.02, (count, height, width, colours))
    return (np.clip(bright, 0, 1) * np.iinfo(dtype).max).astype(dtype)


def learned(images: Any, steps: int = 10) -> TrainedImageDetector:
    config = TrainingConfig(modality="image", seed=SEED, fit=FitConfig(steps=steps, batch_size=8))
    return learn_image_detector(images[:40], images[40:60], config, None, lambda _record, _epochs: None)


@cache
def grey() -> tuple[NDArray[Any], TrainedImageDetector, ExportedGraphs]:
    images = ramps((24, 20, 1), "uint8", 80)
    detector = learned(images, steps=100)
    return images, detector, export_graphs(detector.graphs)


def test_a_small_fault_scores_above_every_clean_image_and_is_where_the_heat_is() -> None:
    images, _, graphs = grey()
    faulty = images[60:].copy()
    faulty[:, 5:8, 12:15] = 255
    scorer = RawScorer(graphs.scorer)
    assert scorer.scores(faulty).min() > scorer.scores(images[60:]).max()
    rows, columns = np.divmod(scorer.contributions(faulty).reshape(20, -1).argmax(axis=1), 20)
    assert np.abs(rows - 6).max() <= 4
    assert np.abs(columns - 13).max() <= 4


def test_exported_graphs_are_what_the_format_allows_and_pass_the_parity_gate() -> None:
    images, detector, graphs = grey()
    for name, signature in signatures(detector.graphs.form, 32).items():
        check_graph(graphs.files()[name], signature, name)
    assert certify(graphs, torch_reference(detector.graphs, images), ()).score_error < 1e-5


@pytest.mark.parametrize("batch", [1, 2, 7])
def test_scores_heat_and_latents_are_equal_to_the_bit_in_every_batch(batch: int) -> None:
    images, _, graphs = grey()
    assert graphs.encoder
    scorer, encoder = RawScorer(graphs.scorer), Encoder(graphs.encoder)
    parts = [images[start : start + batch] for start in range(0, 30, batch)]
    whole = np.concatenate(parts)
    assert np.array_equal(np.concatenate([scorer.scores(part) for part in parts]), scorer.scores(whole))
    heat = np.concatenate([scorer.contributions(part) for part in parts])
    assert np.array_equal(heat, scorer.contributions(whole))
    assert np.array_equal(np.concatenate([encoder.encode(part).mean for part in parts]), encoder.encode(whole).mean)


def test_the_reconstruction_is_the_decoded_posterior_mean_in_pixel_values() -> None:
    images, _, graphs = grey()
    assert graphs.encoder
    assert graphs.decoder
    explained = RawScorer(graphs.scorer).explain(images[:5]).reconstruction
    latents = Encoder(graphs.encoder).encode(images[:5])
    np.testing.assert_allclose(Decoder(graphs.decoder).decode(latents.mean), explained, atol=1e-2)
    assert np.abs(explained - images[:5]).mean() < 0.5 * np.abs(images[:5] - images[:5].mean()).mean()


@pytest.mark.parametrize(("shape", "dtype"), [((17, 30, 3), "uint16"), ((512, 40, 1), "uint8")])
def test_colour_deep_and_tiled_images_are_scored_in_their_own_geometry(shape: tuple[int, int, int], dtype: str) -> None:
    images = ramps(shape, dtype, 60)
    scorer = learned(images).graphs.scorer.eval()
    with torch.no_grad():
        score, reconstruction, heat = scorer(torch.from_numpy(images[:3]))
    assert (score.shape, reconstruction.shape, heat.shape) == ((3,), (3, *shape), (3, *shape[:2]))
    assert bool(torch.isfinite(score).all())
    assert float(heat.min()) >= 0


def test_training_repeats_to_the_bit_with_its_seed() -> None:
    images = ramps((12, 12, 1), "uint8", 60)
    first, second = (learned(images).graphs.scorer.state_dict() for _ in range(2))
    assert all(torch.equal(value, second[name]) for name, value in first.items())


class MadeOnTheFly:
    """Images that are made when asked for; remembers how many were asked for at once."""

    def __init__(self, count: int) -> None:
        self.numbers, self.most = np.arange(count), 0

    def __len__(self) -> int:
        return len(self.numbers)

    def __getitem__(self, rows: slice | NDArray[np.intp]) -> NDArray[np.uint8]:
        numbers = self.numbers[rows]
        self.most = max(self.most, len(numbers))
        return np.concatenate(list(self._made(numbers)))

    def _made(self, numbers: NDArray[np.intp]) -> Iterator[NDArray[np.uint8]]:
        for number in numbers:
            yield np.random.default_rng(number).integers(0, 255, (1, 96, 96, 1), dtype=np.uint8)


def test_images_are_fetched_a_few_at_a_time() -> None:
    train, validation = MadeOnTheFly(150), MadeOnTheFly(20)
    config = TrainingConfig(modality="image", seed=SEED, fit=FitConfig(steps=2, batch_size=2))
    learn_image_detector(train, validation, config, None, lambda _record, _epochs: None)
    assert max(train.most, validation.most) <= 64
