"""A Dockerfile as the tests read it."""

import json
import re
from pathlib import Path

from tests.docker.programs import ROOT

SERVICE, TRAINING = ROOT / "docker/service.Dockerfile", ROOT / "docker/training.Dockerfile"


def instructions(path: Path, name: str) -> list[str]:
    """Give the arguments of every instruction ``name``, each on one line."""
    text = re.sub(r"\\\n\s*", "", path.read_text())
    return re.findall(rf"^{name} (.*)$", text, flags=re.MULTILINE)


def copied(path: Path) -> list[str]:
    """Give the files and folders that are copied from the repository."""
    return [
        word.rstrip("/")
        for line in instructions(path, "COPY")
        if not line.startswith("--from")
        for word in line.split()[:-1]
    ]


def install(path: Path) -> str:
    """Give the one command that installs Plumbline."""
    (command,) = [line for line in instructions(path, "RUN") if "pip install" in line]
    return re.sub(r"^--mount=\S+ ", "", command)


def service_flags() -> list[str]:
    """Give the flags that the service image starts with."""
    (command,) = instructions(SERVICE, "CMD")
    flags: list[str] = json.loads(command)
    return flags


def health_check() -> str:
    """Give the Python program of the service image's health check."""
    (check,) = instructions(SERVICE, "HEALTHCHECK")
    python, option, program = json.loads(check.partition("CMD ")[2])
    assert (python, option) == ("python", "-c")
    return str(program)
