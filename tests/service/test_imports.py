import subprocess
import sys

import pytest

HEAVY = ("torch", "scipy", "sklearn", "matplotlib", "jinja2", "pyarrow", "training")


@pytest.fixture(scope="module")
def loaded() -> set[str]:
    program = "import sys, service.command; print(*sys.modules)"
    finished = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    return {name.partition(".")[0] for name in finished.stdout.split()}


@pytest.mark.parametrize("package", HEAVY)
def test_serving_does_not_load(package: str, loaded: set[str]) -> None:
    assert package not in loaded
