"""The peers: how each is started, and what it is asked. What they run is in ``peers/``."""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from benchmarks.server import Command, free_port
from benchmarks.serving.dialects import open_inference, plain
from benchmarks.serving.environments import PEERS
from benchmarks.serving.kinds import BINARY, Kind
from benchmarks.serving.request import Request, Scores
from benchmarks.serving.triton import triton


@dataclass(frozen=True)
class Place:
    """Where a peer runs: its Python, a folder it may write to, and how many features it is to score."""

    python: Path
    folder: Path
    features: int


@dataclass(frozen=True)
class Rival:
    """A peer. Without an ``environment`` of its own it runs in Plumbline's, which has all that it needs."""

    name: str
    command: Callable[[Place], Command]
    requests: Callable[[Scores], dict[Kind, Request]]
    environment: str | None = None
    two_cores: bool = False


def _uvicorn(app: str) -> Callable[[Place], Command]:
    return lambda place: Command(
        lambda port: (
            *(str(place.python), "-m", "uvicorn", app, "--app-dir", str(PEERS)),
            *("--port", str(port), "--no-access-log", "--log-level", "warning"),
        ),
        ready="/health",
        folder=place.folder,
    )


def _mlserver(place: Place) -> Command:
    return Command(
        lambda port: (
            *("env", f"MLSERVER_HTTP_PORT={port}", f"MLSERVER_GRPC_PORT={free_port()}"),
            *(f"MLSERVER_METRICS_PORT={free_port()}", str(place.python.with_name("mlserver")), "start"),
            str(PEERS / "mlserver"),
        ),
        {"MLSERVER_HOST": "127.0.0.1"},
        ready="/v2/models/scorer/ready",
        folder=place.folder,
    )


def _litserve(place: Place) -> Command:
    return Command(
        lambda port: (str(place.python), str(PEERS / "litserve_server.py"), str(port)),
        ready="/health",
        folder=place.folder,
    )


def _bentoml(place: Place) -> Command:
    return Command(
        lambda port: (
            *(str(place.python.with_name("bentoml")), "serve", "bentoml_service:Scorer"),
            *("--working-dir", str(PEERS), "--host", "127.0.0.1", "--port", str(port)),
        ),
        {"BENTOML_HOME": str(place.folder), "BENTOML_DO_NOT_TRACK": "True"},
        ready="/readyz",
        folder=place.folder,
    )


def _triton(instances: int) -> Callable[[Place], Command]:
    return lambda place: triton(place.python, place.folder, place.features, instances)


def _plain(path: str) -> Callable[[Scores], dict[Kind, Request]]:
    return lambda x: plain.json_requests(path, x)


FASTAPI = Rival("FastAPI, pydantic", _uvicorn("fastapi_pydantic:app"), _plain("/score"))
BARE = Rival(
    "bare ASGI handler",
    _uvicorn("bare_asgi:app"),
    lambda x: {**plain.json_requests("/json", x), BINARY: plain.raw_request("/raw", x)},
)
TRITON = Rival(
    "Triton, 1 instance",
    _triton(1),
    lambda x: {**open_inference.json_requests(x), BINARY: open_inference.binary_request(x)},
    "triton",
)
TRITON_TWO = Rival("Triton, 2 instances on 2 cores", _triton(2), TRITON.requests, "triton", two_cores=True)
MLSERVER = Rival("MLServer", _mlserver, open_inference.json_requests, "mlserver")
LITSERVE = Rival("LitServe", _litserve, _plain("/predict"), "litserve")
BENTOML = Rival("BentoML", _bentoml, _plain("/score"), "bentoml")

RIVALS = (BARE, FASTAPI, TRITON, TRITON_TWO, MLSERVER, LITSERVE, BENTOML)
OWN_PYTHON = Path(sys.executable)
