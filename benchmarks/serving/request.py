"""A request that is repeated under load, and how its answer is read."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import httpx2
import numpy as np
from numpy.typing import NDArray

Scores = NDArray[np.float64]
JSON = {"Content-Type": "application/json"}


@dataclass(frozen=True)
class Request:
    """What is posted to ``path``; ``read_scores`` finds the scores [B] in the answer."""

    path: str
    headers: Mapping[str, str]
    body: bytes
    read_scores: Callable[[httpx2.Response], Scores]

    def write(self, file: Path) -> Path:
        """Write it as ``wrk.lua`` reads it."""
        head = [f"POST {self.path}", *(f"{name}: {value}" for name, value in self.headers.items()), "", ""]
        file.write_bytes("\n".join(head).encode() + self.body)
        return file

    def send(self, url: str) -> httpx2.Response:
        """Post it once to the server at ``url``."""
        return httpx2.post(url + self.path, content=self.body, headers=dict(self.headers), timeout=30)
