"""Interpolation between grids as constant matrices: exact, and made of nothing but products."""

import torch
from torch import Tensor
from torch.nn import functional

HEAT_SPREAD = 0.75  # of the Gaussian that smooths a heat map, in cells of the coarse grid


def interpolation_matrix(size: int, wanted: int) -> Tensor:
    """Return the matrix [wanted, size], float32, of linear interpolation along one side, averaging where it shrinks.

    The filter is a triangle as wide as the reduction, so that nothing aliases; rows sum to one.
    """
    identity = torch.eye(size)[None, None]
    resized = functional.interpolate(identity, size=(wanted, size), mode="bilinear", antialias=True)
    matrix = resized[0, 0]
    return matrix / matrix.sum(dim=1, keepdim=True)


def heat_matrix(grid: int, size: int) -> Tensor:
    """Return the matrix [size, grid], float64, that brings a map's side from ``grid`` cells to ``size`` pixels, smoothed."""
    cells = torch.arange(grid, dtype=torch.float64)
    centres = (torch.arange(size, dtype=torch.float64) + 0.5) * grid / size - 0.5
    weights = torch.exp(-0.5 * ((centres[:, None] - cells) / HEAT_SPREAD).square())
    return weights / weights.sum(dim=1, keepdim=True)
