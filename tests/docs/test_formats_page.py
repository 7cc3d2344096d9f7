"""docs/formats.md is true: its Python runs as it stands, its curl sends the files that this writes, and both get what is shown."""

import json
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pyarrow as pa
import pytest

from service.limits import Limits
from tests.docs.api_page import ADDRESS, form
from tests.service.bundles import GOLDEN_MODELS
from tests.service.programs import serving

PAGE = (Path(__file__).parents[2] / "docs/formats.md").read_text("utf-8")
FUNCTIONS, *PYTHON = re.findall(r"^```python\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
EXAMPLES = re.findall(r"^```bash\n(.*?)^```\n```json\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with serving(GOLDEN_MODELS, tmp_path_factory.mktemp("service") / "log") as service:
        yield service.url


def ask(command: str, url: str) -> Any:
    """Send what a curl command of the page would send."""
    words = iter(shlex.split(command.replace("\\\n", " ").replace(ADDRESS, url))[1:])
    target, headers, body = next(words), {}, b""
    for word in words:
        value = next(words)
        if word == "-H":
            name, _, text = value.partition(": ")
            headers[name] = text
        elif word == "--data-binary":
            body = Path(value.removeprefix("@")).read_bytes()
        else:
            assert word == "-o"
    answer = httpx2.post(target, headers=headers, content=body)
    assert answer.status_code == 200, answer.text
    if answer.headers["content-type"] == "application/json":
        return answer.json()
    return pa.ipc.open_stream(answer.content).read_all().to_pylist()


def test_every_example_gets_the_answer_shown(url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    names: dict[str, Any] = {}
    exec(FUNCTIONS.replace(ADDRESS, url), names)
    assert len(PYTHON) == len(EXAMPLES) > 3
    for python, (curl, shown) in zip(PYTHON, EXAMPLES, strict=True):
        exec(python, names)
        assert form(names["answer"]) == form(json.loads(shown)), python
        assert form(ask(curl, url)) == form(json.loads(shown)), curl


def test_the_scores_shown_are_those_of_the_golden_model(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    names: dict[str, Any] = {}
    exec("\n".join([FUNCTIONS.replace(ADDRESS, url), *PYTHON]), names)
    shown = json.loads(EXAMPLES[-1][1])
    for found, expected in zip(names["answer"], shown, strict=True):
        assert found["score"] == pytest.approx(expected["score"], rel=1e-6)


def test_the_limit_named_is_the_default() -> None:
    assert Limits().inflated_bytes == 8 << 20
    assert "8 MiB; inflating stops there" in PAGE
