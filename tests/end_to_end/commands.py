"""The installed commands, run as a user runs them."""

import os
import subprocess
import sys
from pathlib import Path


def command(folder: Path, module: str, *arguments: str, code: int = 0) -> str:
    """Run the command that ``module`` holds in ``folder``, expect exit ``code`` and return all that it printed."""
    finished = subprocess.run(
        [sys.executable, "-c", f"from {module} import main; main()", *arguments],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[2]), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert finished.returncode == code, finished.stderr
    return finished.stdout + finished.stderr
