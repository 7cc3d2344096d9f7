"""What a service meets in a month, in one mix: good requests of every kind, bad ones, and clients that go away."""

import random
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import orjson
from numpy.typing import NDArray

from benchmarks.client import request_of

STREAMS = 200  # names in use at a time; after so many rows, a name gives way to a new one
ROWS_OF_A_STREAM = 1_000


@dataclass(frozen=True)
class Kind:
    """One kind of request: how often it comes among all, what is sent, and the status it must be answered with."""

    name: str
    weight: float
    request: bytes
    status: int = 200


class Traffic:
    """Draws requests to the model ``name``, made of ``x`` [B, F], B at least 256."""

    def __init__(self, name: str, x: NDArray[np.float64], *, has_latent: bool, seed: int = 0) -> None:
        self._random = random.Random(seed)
        self._kinds = _kinds(name, x, has_latent=has_latent)
        self._weights = [kind.weight for kind in self._kinds]
        self._rows = [orjson.dumps({"rows": x[k : k + 4].tolist()}) for k in range(0, 64, 4)]
        self._streamed = 0

    @property
    def names(self) -> Sequence[str]:
        return [kind.name for kind in self._kinds]

    def draw(self) -> Kind:
        """Draw the next request."""
        (kind,) = self._random.choices(self._kinds, self._weights)
        return self._next_rows(kind) if kind.name == "stream" else kind

    def leaves(self) -> bool:
        """Say whether the client goes away before the answer, as one in two hundred does."""
        return self._random.random() < 1 / 200

    def _next_rows(self, kind: Kind) -> Kind:
        self._streamed += 1
        age, place = divmod(self._streamed, STREAMS)
        path = f"/streams/line-{place}-{age // (ROWS_OF_A_STREAM // 4)}/rows"
        return Kind(kind.name, kind.weight, request_of(path, self._rows[self._streamed % len(self._rows)]))


def _kinds(name: str, x: NDArray[np.float64], *, has_latent: bool) -> list[Kind]:
    def body(rows: NDArray[np.float64], **others: object) -> bytes:
        return orjson.dumps({"samples": rows.tolist(), **others})

    one = body(x[:1])
    kinds = [
        Kind("single", 40, request_of("/score", one)),
        Kind("256 rows", 12, request_of("/score", body(x[:256], ids=list(range(256))))),
        Kind("named model", 12, request_of(f"/models/{name}/score", body(x[:4]))),
        Kind("explain", 5, request_of("/score", body(x[:8], explain=True))),
        Kind("reconstruct", 4, request_of("/reconstruct", body(x[:8]))),
        Kind("stream", 10, b""),
        Kind("metrics", 0.1, request_of("/metrics")),
        Kind("ready", 1, request_of("/health/ready")),
        Kind("an absent value", 2, request_of("/score", orjson.dumps({"samples": [[None] * x.shape[1]]}))),
        Kind("no JSON", 2, request_of("/score", b'{"samples": [[1, 2'), 400),
        Kind("another width", 2, request_of("/score", orjson.dumps({"samples": [[1.5]]})), 422),
        Kind("another type", 2, request_of("/score", one, "text/plain"), 415),
        Kind("unknown model", 2, request_of("/models/nobody/score", one), 404),
        Kind("no such path", 1, request_of("/nowhere"), 404),
    ]
    return [*kinds, Kind("encode", 5, request_of("/encode", body(x[:8])))] if has_latent else kinds
