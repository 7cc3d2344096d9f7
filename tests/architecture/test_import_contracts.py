"""The import contracts of pyproject.toml catch what they are there to catch: each fault is planted in a copy."""

import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

from tests.architecture.sources import ROOT, TORCH_HALF, copy_with_fault

SIBLINGS = "training and service stand on model and never meet"
SERVING = "the serving path never reaches torch"
NUMPY_HALF = "the numpy half of model never reaches torch"
RECALIBRATION = "re-calibration never reaches torch"
CLIENT = "the client stands alone"
NOT_ON_CLIENT = "nothing stands on the client"


def lint_imports(folder: Path) -> tuple[int, str]:
    # The console script's own entry point: it is on no PATH that a test may rely on.
    program = "from importlinter.cli import lint_imports_command; lint_imports_command()"
    finished = subprocess.run(
        [sys.executable, "-c", program, "--no-cache"], cwd=folder, capture_output=True, text=True, check=False
    )
    return finished.returncode, finished.stdout + finished.stderr


def contracts() -> dict[str, dict[str, Any]]:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    return {contract["name"]: contract for contract in settings["tool"]["importlinter"]["contracts"]}


def test_without_a_fault_every_contract_is_kept(tmp_path: Path) -> None:
    code, told = lint_imports(copy_with_fault(tmp_path, "service/app.py", ""))
    assert code == 0, told
    for name in (SIBLINGS, SERVING, NUMPY_HALF, RECALIBRATION, CLIENT, NOT_ON_CLIENT):
        assert f"{name} KEPT" in told


FAULTS = {
    "torch in the service": ("service/app.py", "import torch", SERVING),
    "torch inside a function of the service": ("service/app.py", "def late():\n    import torch", SERVING),
    "torch behind a module that the service needs": ("model/bundle.py", "import torch.nn", SERVING),
    "torch inside a function of such a module": ("model/scorer.py", "def late():\n    import torch", SERVING),
    "the VAE in the service": ("service/app.py", "from model.vae import VAE", SERVING),
    "the ELBO behind the service": ("model/threshold.py", "from model import elbo", SERVING),
    "the VAE re-exported by the package": ("model/__init__.py", "from model.vae import VAE", NUMPY_HALF),
    "torch in the scorer": ("model/scorer.py", "import torch", NUMPY_HALF),
    "torch in what re-calibration needs": ("training/clean_data.py", "import torch", RECALIBRATION),
    "the service in training": ("training/calibrate.py", "import service.app", SIBLINGS),
    "training in the service": ("service/app.py", "from training.calibrate import calibrate", SIBLINGS),
    "training in the model": ("model/threshold.py", "import training.calibrate", SIBLINGS),
    "the service in the client": ("plumbline_client/answers.py", "from service.answers import ScoreAnswer", CLIENT),
    "the model in a function of the client": (
        "plumbline_client/calls.py",
        "def late():\n    import model.errors",
        CLIENT,
    ),
    "numpy in the client": ("plumbline_client/samples.py", "import numpy", CLIENT),
    "the client in the service": ("service/app.py", "from plumbline_client import PlumblineClient", NOT_ON_CLIENT),
    "the service in the model": ("model/bundle.py", "def late():\n    import service.app", SIBLINGS),
}


@pytest.mark.parametrize(("file", "code", "contract"), FAULTS.values(), ids=FAULTS.keys())
def test_a_planted_fault_breaks_its_contract(tmp_path: Path, file: str, code: str, contract: str) -> None:
    returned, told = lint_imports(copy_with_fault(tmp_path, file, code))
    assert returned == 1, told
    assert f"{contract} BROKEN" in told


def test_the_contract_for_serving_names_every_module_that_needs_torch() -> None:
    assert set(contracts()[SERVING]["forbidden_modules"]) >= {"torch", *TORCH_HALF}
