"""Distance to the nearest clean rows, as a graph in torch. B: batch, F: features, S: rows of the sketch."""

import torch
from torch import Tensor, nn

# Equal distances are told apart by the place of the row, or two runtimes would choose different neighbours. So little,
# in squared spreads, that it decides nothing else, and so much that rounding does not decide it.
TIE_BREAK = 1e-9


class NeighboursScorerGraph(nn.Module):
    """x [B, F] -> score [B], reconstruction [B, F], contribution [B, F].

    The score is the mean squared distance, in standardised units, to the ``count`` nearest of ``rows`` [S, F]; the
    reconstruction is those neighbours' mean. A feature's contribution is how far the score would fall if that reading
    alone were that mean, the neighbours staying as they are. Neighbours are looked for from the sample as clipped to
    [lower, upper] [F]: what lies beyond makes a sample strange, but says nothing of whom it resembles.
    """

    location: Tensor
    scale: Tensor
    lower: Tensor
    upper: Tensor
    rows: Tensor
    towards: Tensor
    offset: Tensor
    ones: Tensor

    def __init__(self, location: Tensor, scale: Tensor, lower: Tensor, upper: Tensor, rows: Tensor, count: int) -> None:
        super().__init__()
        self.count = count
        self.register_buffer("location", location)
        self.register_buffer("scale", scale)
        self.register_buffer("lower", lower)
        self.register_buffer("upper", upper)
        self.register_buffer("rows", rows)
        self.register_buffer("towards", (-2 * rows).T.contiguous())
        places = torch.arange(len(rows), dtype=torch.float64)
        self.register_buffer("offset", rows.square().sum(dim=1) + TIE_BREAK * places)
        self.register_buffer("ones", torch.ones(len(location), 1, dtype=torch.float64))

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        standardised = (x - self.location) / self.scale
        within = torch.minimum(torch.maximum(standardised, self.lower), self.upper)
        # |x - s|^2 less |x|^2, which is the same for all rows s: enough to choose, too coarse to measure by.
        order = within @ self.towards + self.offset
        nearest = torch.topk(order, self.count, dim=1, largest=False).indices
        neighbours = nn.functional.embedding(nearest, self.rows)
        # Sums are written out and made by a product with ones: see ``ScorerGraph``.
        total, squares = neighbours[:, 0], (standardised - neighbours[:, 0]).square()
        for place in range(1, self.count):
            total = total + neighbours[:, place]
            squares = squares + (standardised - neighbours[:, place]).square()
        score = (squares @ self.ones).squeeze(1) / self.count
        mean = total / self.count
        return score, mean * self.scale + self.location, (standardised - mean).square()
