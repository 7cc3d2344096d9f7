"""docs/protocols.md is true: its requests are sent to a real service, its programs run, and both get what the page shows."""

import contextlib
import io
import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from service.openapi_document import openapi_document
from tests.docs.api_page import ADDRESS, PROTOCOLS_PAGE, ask, form
from tests.service.bundles import GOLDEN_MODELS
from tests.service.programs import serving

CALLS = re.findall(r"^```bash\n(curl.*?)\n```\n```json\n(.*?)^```$", PROTOCOLS_PAGE, re.MULTILINE | re.DOTALL)
PROGRAMS = re.findall(r"^```python\n(.*?)^```\n```text\n(.*?)^```$", PROTOCOLS_PAGE, re.MULTILINE | re.DOTALL)


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with serving(GOLDEN_MODELS, tmp_path_factory.mktemp("service") / "log") as service:
        yield service.url


@pytest.mark.parametrize(("command", "shown"), CALLS, ids=lambda text: re.sub(r"\W+", " ", text)[26:90])
def test_every_call_gets_an_answer_of_the_form_shown(command: str, shown: str, url: str) -> None:
    lines = [line for line in ask(command, url).text.splitlines() if line]
    assert [form(json.loads(line)) for line in lines] == [form(found) for found in documents(shown)]


@pytest.mark.parametrize(("program", "printed"), PROGRAMS, ids=lambda text: text[:30])
def test_every_program_prints_what_is_shown(program: str, printed: str, url: str) -> None:
    plain, own = ADDRESS.removeprefix("http://"), url.removeprefix("http://")
    output = io.StringIO()
    with contextlib.redirect_stdout(output):
        exec(program.replace(plain, own), {})
    assert form(output.getvalue()) == form(printed)


def test_every_route_of_a_protocol_is_on_the_page() -> None:
    operations = json.loads(openapi_document())["paths"]
    routes = {f"{method.upper()} {path}" for path, methods in operations.items() for method in methods}
    foreign = {route for route in routes if re.search(r" /(v2|anomalydetector|multivariate)\b|/lookout$", route)}
    assert foreign
    assert {route for route in foreign if f"`{route}`" not in PROTOCOLS_PAGE} == set()


def test_the_page_has_examples() -> None:
    assert len(CALLS) >= 3
    assert PROGRAMS


def documents(text: str) -> Iterator[Any]:
    """Read JSON documents that follow each other."""
    decoder = json.JSONDecoder()
    while text := text.strip():
        found, end = decoder.raw_decode(text)
        yield found
        text = text[end:]
