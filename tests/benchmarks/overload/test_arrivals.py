"""Requests arrive on time, and every one is accounted for."""

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.overload.arrivals import Arrivals, Outcomes
from benchmarks.overload.plot import plot_stages
from benchmarks.overload.stage import Stage, stage_of
from benchmarks.server import Server, plumbline_serve, serving
from benchmarks.serving.request import JSON, Request
from tests.service.bundles import GOLDEN_MODELS

BODY = json.dumps({"samples": [[8, 120, 45, 11]] * 100}).encode()
GOOD = Request("/score", JSON, BODY, lambda _: pytest.fail("no scores are read"))
BAD = Request("/nowhere", JSON, BODY, lambda _: pytest.fail("no scores are read"))


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serving(plumbline_serve(GOLDEN_MODELS), tmp_path_factory.mktemp("overload") / "log") as server:
        yield server


def offered(server: Server, request: Request, connections: int, rate: float, seconds: float) -> Outcomes:
    async def offer() -> Outcomes:
        async with Arrivals(server.url, request, connections) as arrivals:
            return await arrivals.at_rate(rate, seconds)

    return asyncio.run(offer())


def test_as_many_arrive_as_were_asked_for_and_each_is_counted_once(server: Server) -> None:
    outcomes = offered(server, GOOD, 50, 100, 1.5)
    assert outcomes.due == 150
    assert outcomes.counts.total() + outcomes.crowded == 150
    assert outcomes.counts[200] > 0
    assert len(outcomes.lags) == outcomes.counts.total()
    assert min(min(latencies) for latencies in outcomes.latencies.values()) > 0


def test_other_answers_are_no_goodput(server: Server) -> None:
    outcomes = offered(server, BAD, 20, 50, 1.0)
    assert outcomes.counts == {404: 50 - outcomes.crowded}
    assert outcomes.goodput == 0


def test_what_finds_no_connection_is_told_apart_from_what_was_answered(server: Server) -> None:
    outcomes = offered(server, GOOD, 1, 20_000, 0.2)
    assert outcomes.crowded > 0
    assert outcomes.counts.total() + outcomes.crowded == outcomes.due


def test_clients_that_wait_for_their_answers_give_a_rate(server: Server) -> None:
    async def ask() -> float:
        async with Arrivals(server.url, GOOD, 4) as arrivals:
            return await arrivals.at_most(4, 1.0)

    assert asyncio.run(ask()) > 1


def test_a_stage_sums_up_what_came_of_every_request() -> None:
    outcomes = Outcomes(2.0, 10, 1, 1, {200: [0.1, 0.2, 0.3, 0.4], 503: [0.01, 0.01, 0.03], 0: [1.0, 1.0]}, [0.001] * 9)
    stage = stage_of(2.0, None, 5.0, 2.5, outcomes)
    assert stage.goodput == 1.5  # one came after the time
    assert stage.p50_ms == pytest.approx(250)
    assert stage.refused_p99_ms == pytest.approx(29.6)
    assert stage.statuses == {"0": 2, "200": 4, "503": 3, "crowded": 1}


def test_the_plot_is_drawn(tmp_path: Path) -> None:
    stages = [Stage(1.0, None, 10, 10, 10, 1, 2, None, 0.1, {}), Stage(2.0, None, 20, 10, 9, 1, 5, 3, 0.1, {})]
    plot_stages(stages, tmp_path / "plot.png")
    assert (tmp_path / "plot.png").stat().st_size > 10_000
