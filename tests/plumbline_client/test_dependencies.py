"""The client alone: what it declares is all it needs, and nothing of Plumbline is part of it."""

import os
import subprocess
import sys
import tomllib
from importlib.metadata import distribution
from pathlib import Path

from packaging.requirements import Requirement

from tests.service.programs import Serving

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "plumbline_client" / "pyproject.toml").read_text("utf-8"))["project"]

PROGRAM = """
import sys
from plumbline_client import PlumblineClient
with PlumblineClient(sys.argv[1]) as client:
    print(client.score([[8.1, 121.5, 45.2, 11.1]]).results[0].verdict)
    print([result.verdict.value for result in client.score_many([[8.1, 139.5, 45.2, 11.1]])])
absent = {"torch", "onnxruntime", "numpy", "fastapi", "pydantic", "model", "training", "service"}
print(sorted(absent & set(sys.modules)))
for name in sorted(absent):
    try:
        __import__(name)
    except ModuleNotFoundError:
        continue
    raise SystemExit(f"{name} can be imported here, so this proves nothing")
"""


def needed(names: list[str]) -> set[str]:
    """Name the distributions that ``names`` need, themselves included, as they are declared."""
    found: set[str] = set()
    left = [*names]
    while left:
        name = left.pop()
        if name in found:
            continue
        found.add(name)
        declared = [Requirement(text) for text in distribution(name).requires or []]
        left += [one.name for one in declared if one.marker is None or one.marker.evaluate({"extra": ""})]
    return found


def test_it_runs_where_nothing_is_installed_but_what_it_declares(service: Serving, tmp_path: Path) -> None:
    for name in needed(PROJECT["dependencies"]):
        for file in distribution(name).files or []:
            top = file.parts[0]
            if top not in ("..", "__pycache__") and not (tmp_path / top).exists():
                (tmp_path / top).symlink_to(Path(str(distribution(name).locate_file(top))))
    (tmp_path / "plumbline_client").symlink_to(ROOT / "plumbline_client")
    # Without site: nothing but the standard library and this folder can be imported.
    finished = subprocess.run(
        [sys.executable, "-S", "-c", f"import sys; sys.path.append({str(tmp_path)!r})\n{PROGRAM}", service.url],
        cwd=tmp_path,
        env={name: value for name, value in os.environ.items() if not name.startswith("PYTHON")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert finished.returncode == 0, finished.stderr
    assert finished.stdout.splitlines() == ["normal", "['anomaly']", "[]"]


def test_the_client_and_what_it_asks_have_one_version() -> None:
    whole = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    for field in ("version", "requires-python", "license"):
        assert PROJECT[field] == whole[field]
