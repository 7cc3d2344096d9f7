"""A network trained elsewhere, read from an ONNX file, as a torch module: so it is exported, gated and served as any other.

B: batch, S: the network's field, the side of the square images that it takes.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

Attributes = Mapping[str, Any]
Operator = Callable[[Sequence[Tensor | None], Attributes], Tensor]


@dataclass(frozen=True)
class Step:
    """One operation: what it is called in ONNX, the names of its operands ('' where one is left out) and of its result."""

    operator: str
    operands: tuple[str, ...]
    result: str
    attributes: Attributes


class BackboneNetwork(nn.Module):
    """pixels [B, 3, S, S] -> features [B, C, h, w] of each of ``layers``, in their order."""

    def __init__(
        self, steps: Sequence[Step], weights: Mapping[str, Tensor], image: str, layers: tuple[str, ...]
    ) -> None:
        super().__init__()
        self.steps, self.image, self.layers = tuple(steps), image, layers
        used = {name for step in steps for name in step.operands}
        # A buffer's name may hold no dot.
        self.buffer_of = {name: f"weight_{number}" for number, name in enumerate(weights) if name in used}
        for name, buffer in self.buffer_of.items():
            self.register_buffer(buffer, weights[name])

    def values(self, pixels: Tensor) -> dict[str, Tensor]:
        """Return the result of every step by its name."""
        known = {name: self.get_buffer(buffer) for name, buffer in self.buffer_of.items()}
        known[self.image] = pixels
        results = {}
        for step in self.steps:
            operands = [known[name] if name else None for name in step.operands]
            results[step.result] = known[step.result] = OPERATORS[step.operator](operands, step.attributes)
        return results

    def forward(self, pixels: Tensor) -> list[Tensor]:
        values = self.values(pixels)
        return [values[name] for name in self.layers]


def _given(operands: Sequence[Tensor | None], place: int) -> Tensor:
    operand = operands[place]
    if operand is None:
        raise ValueError(f"operand {place} is left out")
    return operand


def _option(operands: Sequence[Tensor | None], place: int) -> Tensor | None:
    return operands[place] if place < len(operands) else None


def _edges(attributes: Attributes) -> list[int]:
    """Return top, left, bottom and right padding.

    Raises:
        ValueError: the padding depends on the image's size.
    """
    if attributes.get("auto_pad", b"NOTSET") not in (b"NOTSET", b"VALID"):
        raise ValueError("auto_pad is not supported, only pads that are written out")
    return list(attributes.get("pads", (0, 0, 0, 0)))


def _conv(operands: Sequence[Tensor | None], attributes: Attributes) -> Tensor:
    x, weight = _given(operands, 0), _given(operands, 1)
    top, left, bottom, right = _edges(attributes)
    # Uneven padding is an operator of its own, which a bundle does not allow: what is missing is joined on as zeros.
    if bottom > top:
        x = torch.cat([x, 0 * x[:, :, : bottom - top]], dim=2)
    if right > left:
        x = torch.cat([x, 0 * x[:, :, :, : right - left]], dim=3)
    if bottom < top or right < left:
        raise ValueError("padding before an image must not exceed that behind it")
    return functional.conv2d(
        x,
        weight,
        _option(operands, 2),
        stride=list(attributes.get("strides", (1, 1))),
        padding=[top, left],
        dilation=list(attributes.get("dilations", (1, 1))),
        groups=attributes.get("group", 1),
    )


def _even(attributes: Attributes) -> list[int]:
    top, left, bottom, right = _edges(attributes)
    if (top, left) != (bottom, right):
        raise ValueError("uneven padding of a pool is not supported")
    return [top, left]


def _max_pool(operands: Sequence[Tensor | None], attributes: Attributes) -> Tensor:
    return functional.max_pool2d(
        _given(operands, 0),
        list(attributes["kernel_shape"]),
        list(attributes.get("strides", (1, 1))),
        _even(attributes),
        ceil_mode=bool(attributes.get("ceil_mode", 0)),
    )


def _average_pool(operands: Sequence[Tensor | None], attributes: Attributes) -> Tensor:
    return functional.avg_pool2d(
        _given(operands, 0),
        list(attributes["kernel_shape"]),
        list(attributes.get("strides", (1, 1))),
        _even(attributes),
        ceil_mode=bool(attributes.get("ceil_mode", 0)),
        count_include_pad=bool(attributes.get("count_include_pad", 0)),
    )


def _batch_normalization(operands: Sequence[Tensor | None], attributes: Attributes) -> Tensor:
    x, scale, shift, mean, variance = (_given(operands, place) for place in range(5))
    factor = scale / (variance + attributes.get("epsilon", 1e-5)).sqrt()
    normalised: Tensor = x * factor[:, None, None] + (shift - mean * factor)[:, None, None]
    return normalised


def _clip(operands: Sequence[Tensor | None], attributes: Attributes) -> Tensor:
    x = _given(operands, 0)
    lower, upper = _option(operands, 1), _option(operands, 2)
    if lower is None and upper is None:
        return x.clamp(attributes.get("min"), attributes.get("max"))
    return x.clamp(None if lower is None else float(lower), None if upper is None else float(upper))


OPERATORS: Mapping[str, Operator] = {
    "Add": lambda of, _: _given(of, 0) + _given(of, 1),
    "AveragePool": _average_pool,
    "BatchNormalization": _batch_normalization,
    "Clip": _clip,
    "Concat": lambda of, how: torch.cat([_given(of, place) for place in range(len(of))], dim=how["axis"]),
    "Conv": _conv,
    "Dropout": lambda of, _: _given(of, 0),
    "GlobalAveragePool": lambda of, _: _given(of, 0).mean(dim=(2, 3), keepdim=True),
    "HardSigmoid": lambda of, how: (how.get("alpha", 0.2) * _given(of, 0) + how.get("beta", 0.5)).clamp(0, 1),
    "HardSwish": lambda of, _: functional.hardswish(_given(of, 0)),
    "Identity": lambda of, _: _given(of, 0),
    "LeakyRelu": lambda of, how: functional.leaky_relu(_given(of, 0), how.get("alpha", 0.01)),
    "MaxPool": _max_pool,
    "Mul": lambda of, _: _given(of, 0) * _given(of, 1),
    "Relu": lambda of, _: functional.relu(_given(of, 0)),
    "Sigmoid": lambda of, _: _given(of, 0).sigmoid(),
}
