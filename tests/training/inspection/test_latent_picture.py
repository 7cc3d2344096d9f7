import struct
from dataclasses import replace

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from model.bundle import Bundle, read_bundle
from model.modality import Image
from tests.golden.bundle import GOLDEN_BUNDLE
from training.inspection.latent_picture import TILES, decoded_grid, latent_picture
from training.inspection.map_samples import Colouring, MapSamples
from training.report.latent_map import latent_map

BUNDLE = read_bundle(GOLDEN_BUNDLE)
LATENTS = np.random.default_rng(0).normal(size=(200, 2)) * [1.0, 0.8]
ORDER = Colouring("row", np.arange(200.0))
LABELLED = Colouring("fault", np.arange(200.0) % 3, ("none", "leak", "wear"))


def decoding_images() -> Bundle:
    """Give a bundle whose decoder makes of z images of 2 by 1 pixels: 100 + 50 z1 above 100 + 50 z2, of 255."""
    nodes = [
        helper.make_node("Mul", ["z", "gain"], ["scaled"]),
        helper.make_node("Add", ["scaled", "offset"], ["shifted"]),
        helper.make_node("Reshape", ["shifted", "shape"], ["reconstruction"]),
    ]
    constants = [
        helper.make_tensor("gain", TensorProto.DOUBLE, [1], [50.0]),
        helper.make_tensor("offset", TensorProto.DOUBLE, [1], [100.0]),
        helper.make_tensor("shape", TensorProto.INT64, [4], [0, 2, 1, 1]),
    ]
    graph = helper.make_graph(
        nodes,
        "decoder",
        [helper.make_tensor_value_info("z", TensorProto.DOUBLE, ["B", 2])],
        [helper.make_tensor_value_info("reconstruction", TensorProto.DOUBLE, ["B", 2, 1, 1])],
        constants,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=10)
    onnx.checker.check_model(model)
    section = Image(height=2, width=1, bits=8)
    features = BUNDLE.manifest.features[:1]
    manifest = BUNDLE.manifest.model_copy(update={"modality": "image", "image": section, "features": features})
    return replace(BUNDLE, decoder=model.SerializeToString(), manifest=manifest)


def size_of(png: bytes) -> tuple[int, int]:
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    width, height = struct.unpack(">II", png[16:24])
    return width, height


@pytest.mark.parametrize("colouring", [ORDER, LABELLED], ids=["order", "labels"])
def test_a_map_is_one_panel_of_points(colouring: Colouring) -> None:
    width, height = size_of(latent_picture(BUNDLE, MapSamples(LATENTS, colouring, 0)))
    assert 0.8 < width / height < 1.6


def test_a_single_latent_is_drawn_in_order() -> None:
    width, height = size_of(latent_picture(BUNDLE, MapSamples(LATENTS[:, :1], ORDER, 0)))
    assert min(width, height) > 500


def test_images_get_the_grid_of_decoded_places_beside_the_points() -> None:
    width, height = size_of(latent_picture(decoding_images(), MapSamples(LATENTS, LABELLED, 0)))
    assert width / height > 1.6


def test_the_same_samples_are_the_same_picture() -> None:
    samples = MapSamples(LATENTS, LABELLED, 0)
    assert latent_picture(BUNDLE, samples) == latent_picture(BUNDLE, samples)


def test_the_grid_runs_over_the_prior_left_to_right_and_upwards() -> None:
    grid = decoded_grid(decoding_images(), LATENTS, latent_map(LATENTS))[:, :, 0]
    assert grid.shape == (2 * TILES, TILES)
    first, second = 255 * grid[::2], 255 * grid[1::2]
    np.testing.assert_allclose(first - first[0], 0, atol=1e-9)
    np.testing.assert_allclose(second - second[:, :1], 0, atol=1e-9)
    np.testing.assert_allclose(first[0], np.clip(100 + 50 * (second[::-1, 0] - 100) / 50, 0, 255))
    middle = (first[0, TILES // 2 - 1] + first[0, TILES // 2]) / 2
    assert middle == pytest.approx(100)
    assert (np.diff(first[0]) > 0).all()
    assert (np.diff(second[:, 0]) < 0).all()
