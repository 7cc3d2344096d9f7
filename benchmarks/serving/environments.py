"""Environments of peers: each has its own, made from a file of exact versions, and none has torch."""

import os
import subprocess
import sys
from pathlib import Path

from benchmarks.errors import MeasurementError

PEERS = Path(__file__).parent / "peers"
FOLDER = Path(".venv-peers")  # where they are, unless told otherwise
STAMP = "installed.txt"  # the versions that an environment was made from; written last


def python_of(folder: Path, peer: str) -> Path:
    """Find the Python of a peer's environment below ``folder``.

    Raises:
        MeasurementError: it is not installed, or not in the versions wanted.
    """
    stamp = folder / peer / STAMP
    if not stamp.is_file() or stamp.read_bytes() != _versions(peer).read_bytes():
        raise MeasurementError(f"not installed in {folder}; python -m benchmarks.serving --install does it")
    return (folder / peer / "bin" / "python").absolute()


def install(folder: Path, peer: str) -> None:
    """Make a peer's environment below ``folder`` where there is none yet.

    Raises:
        MeasurementError: a package could not be installed.
    """
    versions, environment = _versions(peer), folder / peer
    stamp = environment / STAMP
    if stamp.is_file() and stamp.read_bytes() == versions.read_bytes():
        return
    _run([sys.executable, "-m", "venv", "--clear", str(environment)])
    # Wheels alone, and nothing but what the file lists: what is measured today is measured tomorrow.
    pip = [str(environment / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    _run([*pip, "--only-binary", ":all:", "--no-deps", "--requirement", str(versions)])
    stamp.write_bytes(versions.read_bytes())


def _versions(peer: str) -> Path:
    return PEERS / f"{peer}.txt"


def _run(command: list[str]) -> None:
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    finished = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    if finished.returncode != 0:
        lines = (finished.stderr or finished.stdout).strip().splitlines() or ["it said nothing"]
        said = next((line for line in lines if line.startswith("ERROR")), lines[-1])
        raise MeasurementError(f"could not be installed: {said}")
