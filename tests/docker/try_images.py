"""What the images install, installed the same way in fresh environments, and put to work.

Takes minutes and a package registry, so it is collected only where it is named: ``pytest tests/docker/try_images.py``.
"""

import json
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2
import numpy as np
import pytest

from model.bundle import read_bundle
from model.scorer import VERDICTS
from tests.docker.dockerfile import SERVICE, TRAINING, copied, health_check, install, instructions, service_flags
from tests.docker.programs import ROOT, free_port, run, running
from tests.samples import FEATURES, clean_rows

IN_IMAGE = "/opt/plumbline"
FOR_TRAINING_ALONE = {"torch", "scipy", "scikit-learn", "matplotlib", "onnxscript", "safetensors"}


def build(dockerfile: Path, folder: Path) -> Path:
    """Do what the image's build stage does, below ``folder``, and give the directory of its programs."""
    assert instructions(dockerfile, "FROM")[0].startswith(f"python:3.{sys.version_info.minor}.")
    context, environment = folder / "build", folder / "plumbline"
    context.mkdir()
    ignored = shutil.ignore_patterns("__pycache__", "*.pyc")
    for name in copied(dockerfile):
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, context / name, ignore=ignored)
        else:
            shutil.copy(ROOT / name, context)
    for command in (f"{sys.executable} -m venv {IN_IMAGE}", install(dockerfile)):
        words = shlex.split(command.replace(IN_IMAGE, str(environment)))
        built = subprocess.run(words, cwd=context, text=True, check=False, capture_output=True)
        assert built.returncode == 0, built.stdout + built.stderr
    return environment / "bin"


@pytest.fixture(scope="module")
def service_programs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(SERVICE, tmp_path_factory.mktemp("service"))


@pytest.fixture(scope="module")
def training_programs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(TRAINING, tmp_path_factory.mktemp("training"))


@pytest.fixture(scope="module")
def trained(training_programs: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Train a small model in the training environment; gives its models directory."""
    folder = tmp_path_factory.mktemp("trained")
    names = ",".join(feature.name for feature in FEATURES)
    np.savetxt(folder / "clean.csv", clean_rows(3000), delimiter=",", header=names, comments="")
    (folder / "train.toml").write_text("[fit]\nsteps = 200\n")
    out, config = folder / "models/pump", folder / "train.toml"
    result = run(training_programs / "plumbline-train", folder / "clean.csv", "--out", out, "--config", config)
    assert result.returncode == 0, result.stdout
    return folder / "models"


def test_the_service_environment_has_nothing_that_only_training_needs(service_programs: Path) -> None:
    assert installed(service_programs) & FOR_TRAINING_ALONE == set()


def test_the_training_environment_has_all_that_training_needs(training_programs: Path) -> None:
    assert installed(training_programs) >= FOR_TRAINING_ALONE


@pytest.mark.parametrize("programs", ["service_programs", "training_programs"])
def test_the_installed_packages_fit_together(programs: str, request: pytest.FixtureRequest) -> None:
    checked = run(request.getfixturevalue(programs) / "python", "-m", "pip", "check")
    assert checked.returncode == 0, checked.stdout


def test_every_command_of_the_service_image_explains_itself(service_programs: Path) -> None:
    for name in ("plumbline-serve", "plumbline-rescore"):
        explained = run(service_programs / name, "--help")
        assert explained.returncode == 0, explained.stdout
        assert "Usage" in explained.stdout


def test_the_service_environment_answers_golden_samples_as_recorded(service_programs: Path) -> None:
    with served(service_programs, ROOT / "tests/golden/models") as url:
        assert_golden(url, ROOT / "tests/golden/models/pump/1")


def test_what_the_training_environment_makes_the_service_environment_serves(
    service_programs: Path, trained: Path
) -> None:
    with served(service_programs, trained) as url:
        assert_golden(url, trained / "pump/1")


def installed(programs: Path) -> set[str]:
    listed = subprocess.run(
        [programs / "python", "-m", "pip", "list", "--format=json"], check=True, capture_output=True
    )
    return {package["name"].lower() for package in json.loads(listed.stdout)}


@contextmanager
def served(programs: Path, models: Path) -> Iterator[str]:
    """Start the service with the image's flags, on the loopback and a free port; gives its URL."""
    url = f"http://127.0.0.1:{free_port()}"
    elsewhere = {"/models": str(models), "0.0.0.0": "127.0.0.1", "8000": url.rpartition(":")[2]}
    flags = [elsewhere.get(flag, flag) for flag in service_flags()]
    with running(programs / "plumbline-serve", *flags, ready=f"{url}/health/ready"):
        healthy = run(programs / "python", "-c", health_check().replace("http://127.0.0.1:8000", url))
        assert healthy.returncode == 0, healthy.stdout
        yield url


def assert_golden(url: str, bundle: Path) -> None:
    golden = read_bundle(bundle).golden
    sendable = ~np.isinf(golden.samples).any(axis=1)  # JSON has no infinity
    samples = [[None if np.isnan(value) else value for value in row] for row in golden.samples[sendable].tolist()]
    answer = httpx2.post(f"{url}/score", json={"samples": samples}).json()
    expected = [VERDICTS[verdict] for verdict in golden.verdicts[sendable]]
    assert [result["verdict"] for result in answer["results"]] == expected
