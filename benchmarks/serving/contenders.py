"""The servers that are compared: Plumbline, and rivals that serve the very same graph."""

import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from benchmarks.errors import MeasurementError
from benchmarks.server import plumbline_serve
from benchmarks.serving.contender import Contender, Missing
from benchmarks.serving.dialects import plumbline
from benchmarks.serving.environments import python_of
from benchmarks.serving.kinds import KINDS
from benchmarks.serving.request import Scores
from benchmarks.serving.rivals import OWN_PYTHON, Place, Rival
from benchmarks.serving.samples import samples_to_send
from model.bundle import Bundle, read_bundle

PLUMBLINE = "Plumbline"
# A server that is behind refuses requests, which is no speed: what waits on a busy machine is to be answered here.
PATIENT = {"PLUMBLINE_MAX_QUEUE_SECONDS": "30"}
SAMPLES = max(kind.samples for kind in KINDS)


def plumbline_with(bundle: Path, folder: Path, name: str = PLUMBLINE) -> Contender:
    """Serve ``bundle`` with Plumbline and its defaults; ``folder`` takes the models directory.

    Raises:
        MeasurementError: the bundle's own samples cannot be sent.
    """
    read = read_bundle(bundle)
    shutil.copytree(bundle, folder / read.manifest.name / str(read.manifest.version))
    x, scores = samples_to_send(read, SAMPLES)
    command = replace(plumbline_serve(folder), environment=PATIENT)
    return Contender(name, command, plumbline.requests(read.manifest.name, x), scores, read.manifest.graphs.score_rtol)


def rivals_with(
    bundle: Path, folder: Path, environments: Path, rivals: Sequence[Rival]
) -> tuple[list[Contender], list[Missing]]:
    """Serve the scorer graph of ``bundle`` with ``rivals``; ``folder`` takes what they write.

    Raises:
        MeasurementError: the bundle's own samples cannot be sent.
    """
    read = read_bundle(bundle)
    x, scores = samples_to_send(read, SAMPLES)
    found, missing = [], []
    for number, rival in enumerate(rivals):
        try:
            found.append(_contender(rival, read, bundle, folder / str(number), environments, x, scores))
        except MeasurementError as error:
            missing.append(Missing(rival.name, str(error)))
    return found, missing


def _contender(
    rival: Rival, read: Bundle, bundle: Path, folder: Path, environments: Path, x: Scores, scores: Scores
) -> Contender:
    python = python_of(environments, rival.environment) if rival.environment else OWN_PYTHON
    folder.mkdir(parents=True)
    command = rival.command(Place(python, folder, x.shape[1]))
    environment = {
        "SCORER": str((bundle / "scorer.onnx").absolute()),
        "THRESHOLD": repr(read.manifest.threshold.value),
        "ORT_DISABLE_TELEMETRY": "1",
        "PYTHONPATH": "",  # Plumbline's own packages are none of theirs
        **command.environment,
    }
    command = replace(command, environment=environment)
    return Contender(rival.name, command, rival.requests(x), scores, read.manifest.graphs.score_rtol, rival.two_cores)
