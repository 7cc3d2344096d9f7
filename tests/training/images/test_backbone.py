"""A backbone file is read, cut and run as ONNX Runtime runs it."""

import hashlib
from pathlib import Path

import numpy as np
import onnx
import pytest
import torch

from model.errors import InputError
from model.onnx_runtime import onnxruntime
from tests.training.images.tiny_backbone import FIELD, LAYERS, tiny_backbone
from training.images.backbone import read_backbone
from training.modality_config import BackboneConfig


def test_layers_are_what_onnx_runtime_computes_for_them(tmp_path: Path) -> None:
    file = tiny_backbone(tmp_path / "tiny.onnx", half=False)
    proto = onnx.load(file)
    proto.graph.output.extend(onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, None) for name in LAYERS)
    session = onnxruntime.InferenceSession(proto.SerializeToString(), providers=["CPUExecutionProvider"])
    network = read_backbone(BackboneConfig(file=str(file), layers=LAYERS)).network
    image = np.random.default_rng(0).uniform(0, 255, (1, 3, FIELD, FIELD)).astype(np.float32)
    with torch.no_grad():
        found = network(torch.from_numpy(image))
    for layer, expected in zip(found, session.run(list(LAYERS), {"image": image}), strict=True):
        np.testing.assert_allclose(layer.numpy(), expected, rtol=1e-4, atol=1e-3)


def test_half_precision_weights_become_single_and_any_number_of_images_is_taken(tmp_path: Path) -> None:
    network = read_backbone(BackboneConfig(file=str(tiny_backbone(tmp_path / "tiny.onnx")), layers=LAYERS)).network
    assert {weight.dtype for weight in network.state_dict().values()} == {torch.float32}
    with torch.no_grad():
        assert [layer.shape for layer in network(torch.zeros(5, 3, FIELD, FIELD))] == [(5, 8, 16, 16), (5, 8, 8, 8)]


def test_what_lies_behind_the_last_layer_is_left_out(tmp_path: Path) -> None:
    network = read_backbone(BackboneConfig(file=str(tiny_backbone(tmp_path / "t.onnx")), layers=("block1",))).network
    assert [step.result for step in network.steps] == ["c1", "r1", "c2", "s2", "block1"]
    assert len(network.state_dict()) == 3


def test_file_digest_licence_and_layers_are_on_record(tmp_path: Path) -> None:
    file = tiny_backbone(tmp_path / "tiny.onnx")
    read = read_backbone(BackboneConfig(file=str(file), layers=("block2",), licence="MIT"))
    assert read.description.model_dump() == {
        "file": "tiny.onnx",
        "sha256": hashlib.sha256(file.read_bytes()).hexdigest(),
        "licence": "MIT",
        "layers": ("block2",),
    }
    assert read.field == FIELD
    assert not read.proposed


def test_where_no_layer_is_named_the_ends_of_blocks_are_proposed(tmp_path: Path) -> None:
    read = read_backbone(BackboneConfig(file=str(tiny_backbone(tmp_path / "tiny.onnx"))))
    assert read.proposed
    assert read.description.layers == ("block2",)  # block1 is finer than a surface's features are looked for


def test_a_layer_that_is_not_there_is_named_with_those_that_are(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"tiny.onnx: backbone.layers must name tensors .*found 'blok1'; .*'block2'"):
        read_backbone(BackboneConfig(file=str(tiny_backbone(tmp_path / "tiny.onnx")), layers=("blok1",)))


def test_an_operator_that_is_not_known_is_named(tmp_path: Path) -> None:
    with pytest.raises(
        InputError, match=r"tiny.onnx: operator 'Selu' is not known in a backbone, and backbone.layers lie behind it"
    ):
        read_backbone(BackboneConfig(file=str(tiny_backbone(tmp_path / "tiny.onnx", operator="Selu")), layers=LAYERS))


def test_a_file_that_is_no_network_is_refused(tmp_path: Path) -> None:
    (tmp_path / "no.onnx").write_bytes(b"no network")
    with pytest.raises(InputError, match="no.onnx: a backbone must be an ONNX file"):
        read_backbone(BackboneConfig(file=str(tmp_path / "no.onnx")))
    with pytest.raises(InputError, match="gone.onnx: no readable backbone file"):
        read_backbone(BackboneConfig(file=str(tmp_path / "gone.onnx")))
