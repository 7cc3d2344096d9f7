"""What serves runs where torch is not installed. Contracts read the code; this imports it, so that nothing hides."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.sources import ROOT, TORCH_HALF, copy_with_fault, modules

ABSENT = ("torch", "scipy", "sklearn", "matplotlib", "jinja2", "safetensors", "onnxscript")
SERVING = [name for name in modules("model", "service") if name not in TORCH_HALF]

# A module that is None in sys.modules cannot be imported, as if it were not installed.
PROGRAM = """
import importlib, sys
absent, names = sys.argv[1].split(","), sys.argv[2].split(",")
sys.modules.update(dict.fromkeys(absent))
for name in names:
    importlib.import_module(name)
found = sorted(name for name in sys.modules if name.partition(".")[0] in absent and sys.modules[name] is not None)
assert not found, found
assert not any(name.partition(".")[0] == "training" for name in sys.modules)
"""


def import_all(folder: Path, names: list[str]) -> subprocess.CompletedProcess[str]:
    arguments = [sys.executable, "-c", PROGRAM, ",".join(ABSENT), ",".join(names)]
    return subprocess.run(arguments, cwd=folder, capture_output=True, text=True, check=False)


def test_everything_that_serves_imports_without_torch() -> None:
    assert {"model.scorer", "model.bundle", "service.app", "service.command"} <= set(SERVING)
    finished = import_all(ROOT, SERVING)
    assert finished.returncode == 0, finished.stderr


@pytest.mark.parametrize("name", sorted(TORCH_HALF))
def test_what_is_said_to_need_torch_does(name: str) -> None:
    finished = import_all(ROOT, [name])
    assert "ModuleNotFoundError: import of torch halted" in finished.stderr


@pytest.mark.parametrize(
    ("file", "code"),
    [
        ("model/scorer.py", "import torch"),
        ("model/__init__.py", "from model.vae import VAE"),
        # A contract does not see this one.
        ("model/scorer.py", "import importlib\nimportlib.import_module('torch')"),
        ("service/app.py", "import scipy.stats"),
    ],
)
def test_a_planted_import_is_caught(tmp_path: Path, file: str, code: str) -> None:
    finished = import_all(copy_with_fault(tmp_path, file, code), SERVING)
    assert finished.returncode != 0
    assert "ModuleNotFoundError" in finished.stderr


def test_a_copy_without_a_fault_passes(tmp_path: Path) -> None:
    finished = import_all(copy_with_fault(tmp_path, "model/scorer.py", ""), SERVING)
    assert finished.returncode == 0, finished.stderr
