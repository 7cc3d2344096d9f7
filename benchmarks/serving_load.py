"""Load on a server: which points are driven, and what one of them costs. B: samples, F: features."""

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import httpx2
import numpy as np
import orjson
from numpy.typing import NDArray

from benchmarks.errors import MeasurementError
from benchmarks.process import cpu_seconds
from benchmarks.server import Server
from benchmarks.wrk import drive

SECONDS = 3


@dataclass(frozen=True)
class Point:
    """So many samples in a request, over so many connections."""

    samples: int
    connections: int


POINTS = (Point(1, 1), Point(1, 16), Point(1, 64), Point(256, 1), Point(256, 16))


@dataclass(frozen=True)
class Figures:
    """What a server did at one point: requests per second, quantiles of the latency, its CPU time per request."""

    rate: float
    p50_ms: float
    p99_ms: float
    cpu_us: float


def write_bodies(x: NDArray[np.float64], folder: Path) -> dict[int, Path]:
    """Write the request bodies that ``POINTS`` need, of the first samples of ``x`` [B, F], by number of samples."""
    bodies = {point.samples: folder / f"{point.samples}.json" for point in POINTS}
    for count, file in bodies.items():
        samples = np.ascontiguousarray(x[:count])
        file.write_bytes(orjson.dumps({"samples": samples}, option=orjson.OPT_SERIALIZE_NUMPY))
    return bodies


def check_answers(server: Server, bodies: Mapping[int, Path], expected: NDArray[np.float64], rtol: float) -> None:
    """Compare a server's scores with ``expected`` [B], within a relative ``rtol``.

    Raises:
        MeasurementError: they differ, or an answer is an error.
    """
    for count, body in bodies.items():
        json = {"Content-Type": "application/json"}
        answer = httpx2.post(f"{server.url}/score", content=body.read_bytes(), headers=json)
        if answer.status_code != httpx2.codes.OK:
            raise MeasurementError(f"{server.url}/score answered {answer.status_code}: {answer.text}")
        scores = np.array([result["score"] for result in answer.json()["results"]])
        if scores.shape != (count,) or not np.allclose(scores, expected[:count], rtol=rtol, atol=0):
            raise MeasurementError(f"{server.url}/score does not give {count} samples the scores that the bundle does")


def measure_point(server: Server, point: Point, body: Path, pinned: Sequence[str]) -> Figures:
    """Drive a server at one point, wrk run under the command ``pinned``.

    Raises:
        MeasurementError: an answer was an error.
    """
    before = cpu_seconds(server.pid)
    load = drive(f"{server.url}/score", body, point.connections, SECONDS, pinned)
    used = cpu_seconds(server.pid) - before
    return Figures(load.rate, load.p50_ms, load.p99_ms, 1e6 * used / load.requests)


def median_figures(rounds: Sequence[Figures]) -> Figures:
    """Take the median over rounds of each figure by itself."""
    return Figures(
        rate=statistics.median(figures.rate for figures in rounds),
        p50_ms=statistics.median(figures.p50_ms for figures in rounds),
        p99_ms=statistics.median(figures.p99_ms for figures in rounds),
        cpu_us=statistics.median(figures.cpu_us for figures in rounds),
    )
