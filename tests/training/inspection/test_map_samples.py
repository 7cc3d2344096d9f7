from pathlib import Path

import numpy as np
import pytest
from onnx import TensorProto, helper

from model.bundle import read_bundle
from model.encoder import Encoder
from model.errors import InputError
from model.images.png import png
from model.modality import Image
from tests.golden.bundle import GOLDEN_BUNDLE
from tests.samples import FEATURES, clean_rows
from training.inspection.map_samples import MapSamples, colour_by, read_map_samples

BUNDLE = read_bundle(GOLDEN_BUNDLE)
assert BUNDLE.encoder is not None
ENCODER = Encoder(BUNDLE.encoder)


def read(file: Path, column: str | None) -> MapSamples:
    return read_map_samples(str(file), column, ENCODER, BUNDLE.manifest)


@pytest.fixture
def samples(tmp_path: Path) -> Path:
    """Write six rows with a label; the second lacks its flow."""
    lines = [",".join([*(feature.name for feature in FEATURES), "kind"])]
    for number, row in enumerate(clean_rows(6)):
        cells = ["" if (number, column) == (1, 1) else repr(float(value)) for column, value in enumerate(row)]
        lines.append(",".join([*cells, "ab"[number % 2]]))
    file = tmp_path / "s.csv"
    file.write_text("\n".join(lines) + "\n")
    return file


def test_valid_rows_are_placed_by_their_posterior_mean_and_keep_their_label(samples: Path) -> None:
    found = read(samples, "kind")
    valid = clean_rows(6)[[0, 2, 3, 4, 5]]
    np.testing.assert_array_equal(found.latents, ENCODER.encode(valid).mean)
    assert found.colouring.labels == ("a", "b")
    np.testing.assert_array_equal(found.colouring.values, [0, 0, 1, 0, 1])
    assert found.invalid == 1


def test_without_a_column_rows_are_coloured_by_their_order(samples: Path) -> None:
    colouring = read(samples, None).colouring
    assert (colouring.title, colouring.labels, colouring.ends) == ("row", (), ("first", "last"))
    np.testing.assert_array_equal(colouring.values, np.arange(5))


def test_a_column_that_is_not_there_is_named(samples: Path) -> None:
    with pytest.raises(InputError, match="expected columns 'fault', which it lacks"):
        read(samples, "fault")


def test_files_without_a_valid_row_have_no_map(samples: Path) -> None:
    lines = samples.read_text().splitlines()
    samples.write_text("\n".join([lines[0], lines[2]]) + "\n")
    with pytest.raises(InputError, match="holds no valid row to put on a map"):
        read(samples, None)


def test_many_numbers_are_a_scale() -> None:
    colouring = colour_by("load", [str(value) for value in range(-3, 20)])
    assert (colouring.labels, colouring.ends) == ((), ("-3", "19"))
    np.testing.assert_array_equal(colouring.values, np.arange(-3.0, 20.0))


def test_many_times_are_a_scale_in_their_order() -> None:
    times = [f"2026-01-{day:02d}" for day in range(20, 0, -1)]
    colouring = colour_by("time", times)
    assert colouring.ends == ("2026-01-01", "2026-01-20")
    np.testing.assert_array_equal(colouring.values, np.arange(19, -1, -1))


def test_numbers_without_a_value_among_many_have_no_colour() -> None:
    with pytest.raises(InputError, match="column 'load' holds values that are missing or infinite"):
        colour_by("load", [*map(str, range(20)), "nan"])


def test_an_empty_label_is_called_none() -> None:
    assert colour_by("fault", [None, "leak", None]).labels == ("none", "leak")


def image_encoder() -> Encoder:
    """Give an encoder of images of 2 by 2 pixels whose latent is their mean brightness."""
    nodes = [
        helper.make_node("Cast", ["x"], ["values"], to=TensorProto.DOUBLE),
        helper.make_node("ReduceMean", ["values", "axes"], ["brightness"], keepdims=0),
        helper.make_node("Reshape", ["brightness", "shape"], ["mean"]),
        helper.make_node("Neg", ["mean"], ["log_variance"]),
    ]
    constants = [
        helper.make_tensor("axes", TensorProto.INT64, [3], [1, 2, 3]),
        helper.make_tensor("shape", TensorProto.INT64, [2], [-1, 1]),
    ]
    outputs = [helper.make_tensor_value_info(name, TensorProto.DOUBLE, ["B", 1]) for name in ("mean", "log_variance")]
    pixels = helper.make_tensor_value_info("x", TensorProto.UINT8, ["B", 2, 2, 1])
    graph = helper.make_graph(nodes, "encoder", [pixels], outputs, constants)
    return Encoder(
        helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=10).SerializeToString()
    )


@pytest.fixture
def images(tmp_path: Path) -> Path:
    """Write three good images, brighter and brighter, one with a scratch, and one that is none."""
    for place, brightness in (("good/1.png", 10), ("good/2.png", 20), ("good/3.png", 30), ("scratch/4.png", 90)):
        (tmp_path / place).parent.mkdir(exist_ok=True)
        (tmp_path / place).write_bytes(png(np.full((2, 2, 1), brightness, dtype=np.uint8)))
    (tmp_path / "scratch" / "5.png").write_bytes(b"none")
    return tmp_path


def read_images_of(folder: Path, colour: str | None) -> MapSamples:
    section = Image(height=2, width=2, bits=8)
    manifest = BUNDLE.manifest.model_copy(update={"modality": "image", "image": section, "features": FEATURES[:1]})
    return read_map_samples(str(folder), colour, image_encoder(), manifest)


@pytest.mark.parametrize("colour", [None, "label"])
def test_images_are_coloured_by_their_folder(images: Path, colour: str | None) -> None:
    found = read_images_of(images, colour)
    assert found.latents[:, 0].tolist() == [10, 20, 30, 90]
    assert (found.colouring.labels, found.colouring.values.tolist()) == (("good", "scratch"), [0, 0, 0, 1])
    assert found.invalid == 1


@pytest.mark.parametrize(("folder", "colour"), [("", "time"), ("good", None)])
def test_images_are_coloured_by_their_order_where_that_is_asked_or_all_there_is(
    images: Path, folder: str, colour: str | None
) -> None:
    colouring = read_images_of(images / folder, colour).colouring
    assert (colouring.labels, colouring.ends) == ((), ("first", "last"))
    assert (np.diff(colouring.values) > 0).all()


def test_images_have_no_columns(images: Path) -> None:
    with pytest.raises(InputError, match="coloured by 'label', their folder, or 'time', their order, found 'flow'"):
        read_images_of(images, "flow")
