"""The units that a network sees windows in: standardised, and without the level of channels that wander.

B: batch, T: steps, F: channels, W: channels that wander. Everything is float64.
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

LINE = 2  # numbers that a straight line has: its level and its slope


@dataclass(frozen=True)
class WindowUnits:
    """Per-channel location, scale, whether it wanders, and the interval the encoder believes, each [F].

    A channel that wanders has no level of its own to be held to. Windows are seen without the straight line that fits
    such a channel best; ``line_location`` and ``line_scale`` [2 W] are mean and spread of the clean windows' lines.
    """

    steps: int
    location: Tensor
    scale: Tensor
    wanders: Tensor
    lower: Tensor
    upper: Tensor
    line_location: Tensor
    line_scale: Tensor


class WindowUnitsGraph(nn.Module):
    """Between windows [B, T, F] in engineering units and what the network sees."""

    location: Tensor
    scale: Tensor
    wanders: Tensor
    lower: Tensor
    upper: Tensor
    line_location: Tensor
    line_scale: Tensor
    lines: Tensor
    pick: Tensor

    def __init__(self, units: WindowUnits) -> None:
        super().__init__()
        self.channels, self.wandering = len(units.location), int(units.wanders.sum())
        for name in ("location", "scale", "lower", "upper", "line_location", "line_scale"):
            self.register_buffer(name, getattr(units, name))
        self.register_buffer("wanders", units.wanders.double())
        self.register_buffer("lines", straight_lines(units.steps))
        # Which of a window's 2 F line numbers are those of a channel that wanders.
        self.register_buffer(
            "pick", torch.eye(LINE * self.channels, dtype=torch.float64)[:, units.wanders.repeat(LINE)]
        )

    def split(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Part ``x`` into what is held against clean windows [B, T, F] and the wandering channels' lines [B, 2, F]."""
        standardised = (x - self.location) / self.scale
        line = (self.lines.T @ standardised) * self.wanders
        return standardised - self.lines @ line, line

    def network_input(self, held: Tensor) -> Tensor:
        """Clip to what the encoder believes: no input drives the network out of floating-point range."""
        return torch.minimum(torch.maximum(held, self.lower), self.upper)

    def join(self, held: Tensor, line: Tensor | None) -> Tensor:
        """Undo ``split``: a window [B, T, F] in engineering units. Without channels that wander there is no line."""
        standardised = held if line is None else held + self.lines @ line
        return standardised * self.scale + self.location

    def line_latent(self, line: Tensor) -> Tensor:
        """Return lines [B, 2, F] as standardised numbers [B, 2 W]."""
        return (line.reshape(-1, LINE * self.channels) @ self.pick - self.line_location) / self.line_scale

    def line_of(self, latent: Tensor) -> Tensor:
        """Undo ``line_latent``."""
        numbers = (latent * self.line_scale + self.line_location) @ self.pick.T
        return numbers.reshape(-1, LINE, self.channels)


def straight_lines(steps: int) -> Tensor:
    """Return an orthonormal basis [T, 2] of level and slope over ``steps``; of one step the slope is zero."""
    level = torch.ones(steps, dtype=torch.float64)
    slope = torch.arange(steps, dtype=torch.float64) - (steps - 1) / 2
    return torch.stack([level / level.norm(), slope / slope.norm().clamp(min=1.0)], dim=1)
