"""Score requests whose every score is known: what a load asks, and what tells the versions that answer apart."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache

import numpy as np
from numpy.typing import NDArray

from model.bundle import read_bundle
from model.images.png import png
from model.scorer import Scorer
from tests.golden.image_bundle import GOLDEN_IMAGE_BUNDLE
from tests.samples import clean_rows
from tests.service.bundles import PUMP
from tests.tiles import clean_tiles, with_spot


@dataclass(frozen=True)
class Question:
    """A request to ``model``, and the ``scores`` of the golden bundle to its samples."""

    model: str
    body: bytes
    headers: Mapping[str, str]
    scores: tuple[float, ...] = field(repr=False)

    def doubled(self, times: int) -> list[float]:
        """Give the scores of a version that ``double_scores`` made."""
        return [score * 2.0**times for score in self.scores]

    def alone(self) -> "Question":
        """Ask the same, and nothing else on the same connection."""
        return replace(self, headers={**self.headers, "Connection": "close"})


def rows_as_json(x: NDArray[np.float64], model: str = "pump") -> Question:
    body = json.dumps({"samples": x.tolist()}).encode()
    return Question(model, body, {"Content-Type": "application/json"}, _pump_scores(x))


def two_rows(model: str = "pump") -> Question:
    return rows_as_json(np.array(((8.0, 120.0, 45.0, 11.0), (8.0, 120.0, 45.0, 99.0))), model)


def rows_as_floats(x: NDArray[np.float64]) -> Question:
    headers = {"Content-Type": "application/octet-stream", "X-Plumbline-Shape": f"{len(x)},{x.shape[1]}"}
    return Question("pump", x.tobytes(), headers | {"X-Plumbline-Dtype": "float64"}, _pump_scores(x))


def image_as_png(x: NDArray[np.uint8]) -> Question:
    scores = _scorer_of_tiles().score(x[np.newaxis]).score
    return Question("tiles", png(x), {"Content-Type": "image/png"}, tuple(scores.tolist()))


def every_kind() -> list[Question]:
    """One row, 256 rows, 64 rows as floats, an image: four ways through the service."""
    spotted = with_spot(clean_tiles(1, seed=3))[0]
    return [
        rows_as_json(clean_rows(1, seed=1)),
        rows_as_json(clean_rows(256, seed=2)),
        rows_as_floats(clean_rows(64, seed=4)),
        image_as_png(spotted),
    ]


def _pump_scores(x: NDArray[np.float64]) -> tuple[float, ...]:
    return tuple(_scorer_of_pump().score(x).score.tolist())


@cache
def _scorer_of_pump() -> Scorer:
    return Scorer(read_bundle(PUMP))


@cache
def _scorer_of_tiles() -> Scorer:
    return Scorer(read_bundle(GOLDEN_IMAGE_BUNDLE))
