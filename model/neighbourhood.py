"""How far a sample lies from its nearest clean rows, by how spread clean rows are there, as a graph in torch.

B: batch, F: features, V: size of the whitened residual, D = F + V: size of a place, S: clean rows that are kept.
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

NEIGHBOURS = 5
# Equal distances are told apart by the row's number, or two runtimes would choose different neighbours. So little that it
# decides nothing else, so much that rounding does not decide it.
TIE_BREAK = 1e-10
# What every neighbour weighs in the usual place, the farthest too: enough to divide by where all lie equally far.
LEAST_WEIGHT = 1e-6
PACKET = 8  # as many float64 as the widest vector registers hold
SMALLEST_DISTANCE = 1e-3  # a sample that lies on clean rows scores this, not what rounding leaves of nothing


@dataclass(frozen=True)
class Neighbourhood:
    """The clean rows that samples are compared with.

    A sample's place is its readings, compressed (``asinh`` of the standardised value, times ``reading_scale`` [F]), and
    its whitened residual times ``residual_scale`` []. ``places`` [S, D] are those of clean rows; ``reach`` [S] is how
    far one may be from each: the bandwidth of an adaptive kernel, the square root of how thin clean rows lie there
    (Abramson, On Bandwidth Variation in Kernel Estimates, Annals of Statistics, 1982). All float64.
    """

    reading_scale: Tensor
    residual_scale: Tensor
    places: Tensor
    reach: Tensor


class NeighbourhoodGraph(nn.Module):
    """place [B, D] -> score [B], usual place [B, D].

    The score is the mean distance to the nearest clean rows, each distance in units of that row's reach. The usual place
    is the mean of the nearest rows' own, each weighed by how much nearer it lies than the first that is not among them:
    a row enters and leaves with no weight, so that two runtimes agree where rounding decides which row is the last.
    """

    places: Tensor
    inverse_reach: Tensor
    towards: Tensor
    bias: Tensor
    ones: Tensor

    def __init__(self, neighbourhood: Neighbourhood) -> None:
        super().__init__()
        places, inverse_square = neighbourhood.places, neighbourhood.reach**-2
        self.count = min(NEIGHBOURS, len(places))
        self.looked_at = min(NEIGHBOURS + 1, len(places))
        self.register_buffer("places", places)
        self.register_buffer("inverse_reach", 1 / neighbourhood.reach[:, None])
        # |u - s|^2 / h^2 = (-2 s u + |u|^2) / h^2 + |s|^2 / h^2: one matrix product for all clean rows at once, of [u, |u|^2].
        towards = torch.cat([-2 * places, torch.ones(len(places), 1, dtype=torch.float64)], dim=1)
        self.register_buffer("towards", (towards * inverse_square[:, None]).T.contiguous())
        numbers = torch.arange(len(places), dtype=torch.float64)
        self.register_buffer("bias", places.square().sum(dim=1) * inverse_square + TIE_BREAK * numbers)
        self.register_buffer("ones", torch.ones(places.shape[1], 1, dtype=torch.float64))

    def forward(self, place: Tensor) -> tuple[Tensor, Tensor]:
        order = torch.addmm(self.bias, torch.cat([place, place.square() @ self.ones], dim=1), self.towards)
        nearest = torch.topk(order, self.looked_at, dim=1, largest=False).indices
        places = nn.functional.embedding(nearest, self.places)
        inverse_reaches = nn.functional.embedding(nearest, self.inverse_reach)
        distances = [
            self._distance(place, places[:, rank]) * inverse_reaches[:, rank] for rank in range(self.looked_at)
        ]
        # Sums over features are products with ones, sums over neighbours are written out: see ``ScorerGraph``.
        total, weight = distances[0], self._weight(distances, 0)
        weights, usual = weight, weight * places[:, 0]
        for rank in range(1, self.count):
            total, weight = total + distances[rank], self._weight(distances, rank)
            weights, usual = weights + weight, usual + weight * places[:, rank]
        return (total / self.count).squeeze(1), usual / weights

    def _weight(self, distances: list[Tensor], rank: int) -> Tensor:
        return (1 - distances[rank] / distances[-1]).clamp(min=0) + LEAST_WEIGHT

    def _distance(self, place: Tensor, other: Tensor) -> Tensor:
        """Measure anew, from differences: the order is too coarse to measure by."""
        return ((place - other).square() @ self.ones + SMALLEST_DISTANCE**2).sqrt()


def compressed(standardised: Tensor) -> Tensor:
    """Return asinh of values [B, F], written with a logarithm: ONNX Runtime's own works in float32 only."""
    size, features = standardised.abs(), standardised.shape[1]
    # ONNX Runtime takes logarithms a packet at a time and what is left over at the end of the batch one by one, rounded
    # otherwise. Rows of whole packets leave nothing over, so a row's logarithms do not depend on its batch.
    whole = torch.cat([size] + [size[:, :1]] * (-features % PACKET), dim=1)
    return standardised.sign() * (whole + (whole.square() + 1).sqrt()).log()[:, :features]
