"""NVIDIA Triton without a container: the server and the Python backend that a wheel brings, on a model folder."""

import shutil
import sys
from pathlib import Path

from benchmarks.errors import MeasurementError
from benchmarks.server import Command, free_port
from benchmarks.serving.environments import PEERS

SOURCE = PEERS / "triton"
VERSION = f"{sys.version_info.major}.{sys.version_info.minor}"  # the environment's Python is made by this one


def triton(python: Path, folder: Path, features: int, instances: int) -> Command:
    """Give the command that serves ``peers/triton`` with so many instances; ``folder`` takes what it reads.

    Raises:
        MeasurementError: the wheel has no Python backend for this Python.
    """
    packages = python.parents[1] / "lib" / f"python{VERSION}" / "site-packages"
    server = packages / "pytriton" / "tritonserver"
    stub = server / "python_backend_stubs" / VERSION / "triton_python_backend_stub"
    if not stub.is_file():
        raise MeasurementError(f"its Python backend is not made for Python {VERSION}")
    version = folder / "models" / "scorer" / "1"
    version.mkdir(parents=True)
    shutil.copy(SOURCE / "model.py", version)
    config = (SOURCE / "config.pbtxt").read_text("utf-8")
    config = config.replace("FEATURES", str(features)).replace("INSTANCES", str(instances))
    (version.parent / "config.pbtxt").write_text(config, "utf-8")
    backend = folder / "backends" / "python"
    backend.mkdir(parents=True)
    for file in (*(server / "backends" / "python").glob("*.*"), stub):
        (backend / file.name).symlink_to(file)
    return Command(
        lambda port: (
            str(server / "bin" / "tritonserver"),
            f"--model-repository={folder / 'models'}",
            f"--backend-directory={folder / 'backends'}",
            "--http-address=127.0.0.1",
            f"--http-port={port}",
            "--allow-grpc=false",
            "--metrics-address=127.0.0.1",
            f"--metrics-port={free_port()}",
        ),
        # The backend starts the first Python of the path; only with its packages beside does it find ONNX Runtime.
        {
            "PATH": f"{python.parent}:/usr/bin:/bin",
            "LD_LIBRARY_PATH": str(packages / "nvidia_pytriton.libs"),
        },
        ready="/v2/models/scorer/ready",
        folder=folder,
    )
