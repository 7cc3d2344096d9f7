"""A detector on a backbone's features: learned, exported, held to the bundle's rules."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from model.graph_check import check_graph, signatures
from model.raw_scorer import RawScorer
from model.sample_form import SampleForm, SampleSet
from tests.training.images.tiny_backbone import LAYERS, tiny_backbone
from training.certify import torch_reference
from training.config import FitConfig
from training.export import export_graphs
from training.images.backbone import read_backbone
from training.images.learn_features import TrainedFeatures, learn_feature_detector
from training.modality_config import BackboneConfig

FORM = SampleForm((40, 48, 1), "uint8", rebuilt=False)
QUICK = FitConfig(steps=60, batch_size=64)


def surfaces(count: int, seed: int) -> NDArray[np.uint8]:
    """Draw images [count, 40, 48, 1] of a striped surface under changing light."""
    rng = np.random.default_rng(seed)
    stripes = 20 * np.sin(np.arange(48) / 2)[None, None, :]
    light = rng.uniform(80, 140, (count, 1, 1))
    images: NDArray[np.uint8] = np.clip(light + stripes + rng.normal(0, 4, (count, 40, 48)), 0, 255).astype(np.uint8)[
        ..., None
    ]
    return images


def with_holes(images: NDArray[np.uint8]) -> NDArray[np.uint8]:
    holed = images.copy()
    holed[:, 8:16, 30:38] = 10
    return holed


def learn(folder: Path, train: SampleSet, validation: SampleSet) -> TrainedFeatures:
    config = BackboneConfig(file=str(tiny_backbone(folder / "tiny.onnx")), layers=LAYERS, colour="bgr", scale=(64.0,))
    return learn_feature_detector(train, validation, FORM, read_backbone(config), config, QUICK, seed=1)


@pytest.fixture(scope="module")
def learned(tmp_path_factory: pytest.TempPathFactory) -> TrainedFeatures:
    return learn(tmp_path_factory.mktemp("backbone"), surfaces(40, 0), surfaces(12, 1))


@pytest.fixture(scope="module")
def scorer(learned: TrainedFeatures) -> bytes:
    return export_graphs(learned.graphs).scorer


def test_the_exported_scorer_is_one_graph_that_a_bundle_allows(scorer: bytes) -> None:
    check_graph(scorer, signatures(FORM, None)["scorer.onnx"], "scorer.onnx")


def test_onnx_runtime_scores_as_torch_does_in_double_precision(learned: TrainedFeatures, scorer: bytes) -> None:
    images = np.concatenate([surfaces(4, 2), with_holes(surfaces(4, 3))])
    reference, raw = torch_reference(learned.graphs, images), RawScorer(scorer)
    np.testing.assert_allclose(raw.scores(images), reference.score, rtol=1e-5)
    np.testing.assert_allclose(raw.contributions(images), reference.contribution, rtol=1e-3)


@pytest.mark.parametrize("batch", [1, 2, 7])
def test_a_score_is_the_same_to_the_bit_in_every_batch(scorer: bytes, batch: int) -> None:
    images, raw = surfaces(15, 4), RawScorer(scorer)
    parts = [raw.scores(images[start : start + batch]) for start in range(0, len(images), batch)]
    assert np.concatenate(parts).tobytes() == raw.scores(images).tobytes()


def test_images_with_a_hole_score_above_clean_ones(scorer: bytes) -> None:
    raw = RawScorer(scorer)
    assert raw.scores(with_holes(surfaces(10, 5))).min() > raw.scores(surfaces(10, 6)).max()


def test_the_heat_map_is_hottest_at_the_hole(scorer: bytes) -> None:
    for heat in RawScorer(scorer).contributions(with_holes(surfaces(5, 7))):
        row, column = np.unravel_index(heat.argmax(), heat.shape)
        assert 4 <= row < 20
        assert 26 <= column < 42
        assert heat.min() >= 0


@dataclass
class Counting:
    """A set of images that notes how many are asked for at once."""

    images: NDArray[np.uint8]
    most: int = 0

    def __len__(self) -> int:
        return len(self.images)

    def __getitem__(self, rows: slice | NDArray[np.intp], /) -> NDArray[Any]:
        found = self.images[rows]
        self.most = max(self.most, len(found))
        return found


def test_the_same_seed_gives_the_same_detector_and_few_images_are_held_at_a_time(
    tmp_path: Path, learned: TrainedFeatures
) -> None:
    train, validation = Counting(surfaces(40, 0)), Counting(surfaces(12, 1))
    again = learn(tmp_path, train, validation)
    assert max(train.most, validation.most) <= 8
    weights, expected = again.graphs.scorer.state_dict(), learned.graphs.scorer.state_dict()
    assert all(torch.equal(weights[name], expected[name]) for name in expected)
