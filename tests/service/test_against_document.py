"""A running service, asked everything that its own document describes, and much that it rules out.

What is left out: that good bodies are accepted (what a model takes is for its features to say, not for the document), and that bad requests are
refused: headers of bare floats are not looked at where a body is JSON, a time that cannot be read costs its row and not the request, no bytes at
all are an image that cannot be read, Azure's null is as good as nothing, and 413, which may come first, is no refusal to that check.
"""

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import httpx2
import pytest

from service.access.scope import Scope
from tests.golden.bundle import GOLDEN_BUNDLE
from tests.golden.image_bundle import GOLDEN_IMAGE_BUNDLE
from tests.golden.window_bundle import WINDOW_BUNDLE
from tests.service.access.keys import add_key
from tests.service.programs import CLEAN, Serving, serving

SCHEMATHESIS = Path(sys.executable).with_name("schemathesis")
CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "unsupported_method",
)
EXAMPLES = 3  # of each operation, besides those in the document and one for each keyword of each schema
OF_A_MODEL = r"^/models/\{name\}/(score|reconstruct|encode|generate|streams|lookout)|^/v2/models/\{name\}/|detect-last"
SECONDS = 280  # a busy machine takes its time


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("documented") / "models"
    for bundle in (GOLDEN_BUNDLE, WINDOW_BUNDLE, GOLDEN_IMAGE_BUNDLE):
        shutil.copytree(bundle, folder / bundle.parent.name / bundle.name)
    return folder


@pytest.fixture(scope="module")
def service(models: Path) -> Iterator[Serving]:
    with serving(models, models.parent / "log", "--default-model", "pump") as service:
        yield service


def ask(service: Serving, folder: Path, model: str, checks: Sequence[str], *options: str) -> str:
    """Ask everything of ``model``; returns what is said of it."""
    (folder / "schemathesis.toml").write_text(
        f'[parameters]\n"path.name" = "{model}"\n"path.version" = "1"\n"path.stream" = "line"\n'
    )
    line: list[str | Path] = [
        SCHEMATHESIS,
        "run",
        f"{service.url}/openapi.json",
        "--phases",
        "examples,coverage,fuzzing",
    ]
    line += ["--checks", ",".join(checks), "--max-examples", str(EXAMPLES), "--generation-deterministic"]
    line += ["--suppress-health-check", "all", "--continue-on-failure", "--no-color", *options]
    asked = subprocess.run(line, env=CLEAN, cwd=folder, capture_output=True, text=True, timeout=SECONDS, check=False)
    said: str = asked.stdout + asked.stderr
    assert asked.returncode == 0, said
    return said


@pytest.mark.parametrize(
    ("model", "options"),
    [
        ("pump", []),
        ("press", ["--include-path-regex", OF_A_MODEL]),
        ("tiles", ["--include-path-regex", OF_A_MODEL]),
    ],
)
def test_every_answer_is_one_that_the_document_has(
    service: Serving, tmp_path: Path, model: str, options: Sequence[str]
) -> None:
    said = ask(service, tmp_path, model, CHECKS, *options)
    found = re.search(r"Selected: (\d+)/(\d+)\s+Tested: (\d+)", said)
    assert found is not None, said
    selected, every, tested = (int(count) for count in found.groups())
    assert selected == tested > 10, said
    assert selected == every or options
    assert httpx2.get(f"{service.url}/health/ready").status_code == 200
    assert [line for line in service.lines if line["level"] == "error"] == []  # and every line is one of JSON


def test_nothing_is_answered_without_the_key_that_the_document_asks_for(models: Path, tmp_path: Path) -> None:
    keys = tmp_path / "keys.json"
    key = add_key(keys, "everything", (Scope.ADMIN,))
    with serving(models, tmp_path / "log", "--default-model", "pump", PLUMBLINE_KEYS=str(keys)) as service:
        ask(service, tmp_path, "pump", ["ignored_auth"], "--header", f"Authorization: Bearer {key}")
