"""Reading a backbone: an ONNX file that the user names, cut behind the last of its layers that is used."""

import hashlib
import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx
import torch
from google.protobuf.message import DecodeError
from onnx import numpy_helper
from torch import Tensor

from model.backbone import OPERATORS, BackboneNetwork, Step
from model.errors import InputError
from model.modality import Backbone
from model.quoting import quoted, quoted_list
from training.modality_config import BackboneConfig

LARGEST_FILE = 512 * 1024 * 1024
USUAL_FIELD = 224  # of a network that does not say what size it takes
FLOATS = (onnx.TensorProto.FLOAT, onnx.TensorProto.FLOAT16, onnx.TensorProto.DOUBLE)
IMAGE_CHANNELS = 3
MAP_DIMENSIONS = 4
# Features of finer layers are edges, of coarser ones whole objects: between lies what a surface looks like.
FINEST, COARSEST = 1 / 3.5, 1 / 18
JOINS = ("Add", "Concat")  # where a block of a network ends, or with the activation behind
ACTIVATIONS = ("Clip", "HardSwish", "LeakyRelu", "Relu")


@dataclass(frozen=True)
class ReadBackbone:
    """The network as far as it is used, the side of the images it takes, and what the manifest says of it."""

    network: BackboneNetwork
    field: int
    description: Backbone
    proposed: bool


def read_backbone(config: BackboneConfig) -> ReadBackbone:
    """Read the backbone that ``config`` names; its weights become float32.

    Raises:
        InputError: no file, not ONNX, an operator or a form that is not known, no such layer; says which there are.
    """
    file = Path(config.file or "")
    try:
        if file.stat().st_size > LARGEST_FILE:
            raise InputError(f"{file}: a backbone has at most {LARGEST_FILE >> 20} MiB")
        raw = file.read_bytes()
        proto = onnx.load_model_from_string(raw)
    except OSError as error:
        raise InputError(f"{file}: no readable backbone file") from error
    except DecodeError as error:
        raise InputError(f"{file}: a backbone must be an ONNX file") from error
    steps, weights = _steps(proto.graph), _weights(proto.graph)
    image, field = _image(proto.graph, weights, file)
    sizes = _sizes(steps, weights, image, field, file)
    layers = config.layers or propose_layers(steps, sizes, field)
    unknown = [name for name in layers if name not in sizes]
    unknown_operator = next((step.operator for step in steps if step.operator not in OPERATORS), None)
    if unknown_operator and {step.result for step in steps}.intersection(unknown):
        raise InputError(
            f"{file}: operator {quoted(unknown_operator)} is not known in a backbone, and backbone.layers lie behind it; "
            f"known are {', '.join(sorted(OPERATORS))}"
        )
    if unknown or not layers:
        raise InputError(
            f"{file}: backbone.layers must name tensors [batch, channels, height, width] of the network, "
            f"found {quoted_list(unknown)}; candidates are {quoted_list(_candidates(steps, sizes, field))}"
        )
    cut = BackboneNetwork(_needed(steps, layers), weights, image, tuple(layers))
    description = Backbone(
        file=file.name, sha256=hashlib.sha256(raw).hexdigest(), licence=config.licence, layers=tuple(layers)
    )
    return ReadBackbone(cut.eval(), field, description, proposed=not config.layers)


def propose_layers(steps: Sequence[Step], sizes: dict[str, torch.Size], field: int) -> tuple[str, ...]:
    """Propose one layer of each size of map: where its last block ends; of the smallest, where the middle one does.

    The last blocks before the classification know objects rather than surfaces.
    """
    blocks: dict[int, list[str]] = {}
    for name in _candidates(steps, sizes, field):
        blocks.setdefault(sizes[name][-1], []).append(name)
    coarsest = min((sizes[step.result][-1] for step in steps if step.result in sizes), default=0)
    return tuple(
        names[(len(names) - 1) // 2] if size == min(blocks) and coarsest in (1, size) else names[-1]
        for size, names in blocks.items()
    )


def _candidates(steps: Sequence[Step], sizes: dict[str, torch.Size], field: int) -> list[str]:
    within = [step for step in steps if step.result in sizes and COARSEST <= sizes[step.result][-1] / field <= FINEST]
    joins = [step.result for step in within if step.operator in JOINS]
    followed = {operand: step.result for step in within if step.operator in ACTIVATIONS for operand in step.operands}
    wide = [followed.get(name, name) for name in joins]
    return wide or [step.result for step in within if step.operator in ("Conv", "Relu")]


def _steps(graph: onnx.GraphProto) -> list[Step]:
    return [
        Step(
            node.op_type,
            tuple(node.input),
            node.output[0],
            {attribute.name: onnx.helper.get_attribute_value(attribute) for attribute in node.attribute},
        )
        for node in graph.node
        if node.op_type != "Constant"
    ]


def _weights(graph: onnx.GraphProto) -> dict[str, Tensor]:
    constants = {
        node.output[0]: attribute.t
        for node in graph.node
        if node.op_type == "Constant"
        for attribute in node.attribute
        if attribute.name == "value"
    }
    tensors = {tensor.name: tensor for tensor in graph.initializer} | constants
    return {
        name: torch.from_numpy(numpy_helper.to_array(tensor).astype(np.float32))
        for name, tensor in tensors.items()
        if tensor.data_type in FLOATS and not tensor.external_data
    }


def _image(graph: onnx.GraphProto, weights: dict[str, Tensor], file: Path) -> tuple[str, int]:
    inputs = [value for value in graph.input if value.name not in weights]
    shape = [size.dim_value for size in inputs[0].type.tensor_type.shape.dim] if len(inputs) == 1 else []
    if len(shape) != MAP_DIMENSIONS or shape[1] not in (0, IMAGE_CHANNELS) or shape[2] != shape[3]:
        raise InputError(
            f"{file}: a backbone takes one square colour image [batch, 3, size, size], found inputs "
            f"{quoted_list([value.name for value in inputs])} of shape {shape}"
        )
    return inputs[0].name, shape[2] or USUAL_FIELD


@torch.no_grad()
def _sizes(
    steps: Sequence[Step], weights: dict[str, Tensor], image: str, field: int, file: Path
) -> dict[str, torch.Size]:
    """Run the network as far as its operators are known, to learn the size of every map."""
    known = list(itertools.takewhile(lambda step: step.operator in OPERATORS, steps))
    network = BackboneNetwork(known, weights, image, ())
    try:
        values = network.values(torch.zeros(1, IMAGE_CHANNELS, field, field))
    except (KeyError, ValueError, RuntimeError, IndexError) as error:
        raise InputError(f"{file}: the network cannot be run: {quoted(str(error).splitlines()[0])}") from error
    return {name: value.shape for name, value in values.items() if value.ndim == MAP_DIMENSIONS}


def _needed(steps: Sequence[Step], layers: Sequence[str]) -> list[Step]:
    wanted, needed = set(layers), []
    for step in reversed(steps):
        if step.result in wanted:
            wanted.update(step.operands)
            needed.append(step)
    return needed[::-1]
