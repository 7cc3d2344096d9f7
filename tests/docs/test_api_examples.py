"""docs/api.md is true: every request on it is sent to a real service, and answered in the form that the page shows."""

import json
import re
from collections.abc import Iterator
from typing import Any

import httpx2
import pytest

from service.openapi_document import openapi_document
from service.settings import PREFIX, Settings
from tests.docs.api_page import (
    ADDRESS,
    PAGE,
    PROTOCOLS_PAGE,
    PYTHON_FUNCTIONS,
    STATUS_BY_CODE,
    Example,
    ask,
    examples,
    form,
)
from tests.service.bundles import put_bundle
from tests.service.programs import serving

ASKED = [example for example in examples("json") if example.curl]


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("service")
    for version in (1, 2):
        put_bundle(folder / "models", version=version)
    with serving(folder / "models", folder / "log") as service:
        yield service.url


def begin_versions(url: str, example: Example) -> None:
    """Have the page's model as it finds it: its highest version serves, alone or with another that scores beside it."""
    httpx2.delete(f"{url}/models/pump/shadow")
    httpx2.delete(f"{url}/models/pump/pin")
    if "/shadow" in example.curl:
        httpx2.post(f"{url}/models/pump/shadow", json={"version": 1})
        httpx2.post(f"{url}/score", json={"samples": [[8.1, 121.5, 45.2, 11.1], [8.1, 139.5, 45.2, 11.1]]})
        while len(httpx2.get(f"{url}/models/pump/shadow").json()["verdicts"]) < 2:
            pass


def begin_streams(url: str) -> None:
    """Have the page's streams as it finds them: no rows of the one, an alarm on the other."""
    for stream in ("line-3", "line-4"):
        httpx2.delete(f"{url}/streams/{stream}")
    httpx2.post(f"{url}/streams/line-4/rows", json={"rows": [[8.1, 139.5, 45.2, 11.1]]})


@pytest.mark.parametrize("example", ASKED, ids=lambda example: re.sub(r"\W+", " ", example.curl[26:90]))
def test_every_curl_call_gets_an_answer_of_the_form_shown(example: Example, url: str) -> None:
    begin_versions(url, example)
    begin_streams(url)
    response = ask(example.curl, url)
    assert form(response.json()) == form(example.shown)
    assert response.status_code == (STATUS_BY_CODE[example.shown["error"]["code"]] if "error" in example.shown else 200)


@pytest.mark.parametrize("example", [e for e in ASKED if e.python], ids=lambda example: example.python.split("\n")[0])
def test_every_python_call_gets_what_its_curl_call_gets(example: Example, url: str) -> None:
    names: dict[str, Any] = {}
    exec(PYTHON_FUNCTIONS.replace(ADDRESS, url), names)
    begin_versions(url, example)
    begin_streams(url)
    answer = eval(example.python, names)
    begin_versions(url, example)
    begin_streams(url)
    assert form(answer) == form(ask(example.curl, url).json())


def test_a_request_id_that_is_sent_comes_back(url: str) -> None:
    (example,) = (example for example in ASKED if "X-Request-ID" in example.curl)
    response = ask(example.curl, url)
    assert response.json()["request_id"] == response.headers["x-request-id"] == example.shown["request_id"]
    assert example.shown["request_id"] in example.curl


def test_every_line_of_the_metrics_is_there(url: str) -> None:
    for example in ASKED:
        ask(example.curl, url)
    (metrics,) = examples("text")
    measured = {line.rpartition(" ")[0] for line in ask(metrics.curl, url).text.splitlines()}
    shown = {line.rpartition(" ")[0] for line in metrics.answer.splitlines()}
    assert shown
    assert shown <= measured


def test_every_limit_is_in_the_table_with_its_default() -> None:
    listed = re.findall(r"^\| [^|]+ \| ([\d,]+) \| `(\w+)` \|$", PAGE, re.MULTILINE)
    assert {name: float(default.replace(",", "")) for default, name in listed} == {
        f"{PREFIX}{name.upper()}": float(field.default)
        for name, field in Settings.model_fields.items()
        if name.startswith("max_")
    }


def test_every_route_is_on_a_page() -> None:
    paths = json.loads(openapi_document())["paths"]
    routes = {f"{method.upper()} {path}" for path, methods in paths.items() for method in methods}
    pages = PAGE + PROTOCOLS_PAGE
    assert routes
    assert {route for route in routes if f"`{route}`" not in pages} == set()
