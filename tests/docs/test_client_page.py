"""docs/client.md is run as it stands, against a real service; what it prints is what the page shows."""

import re
from collections.abc import Iterator
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path

import pytest

from plumbline_client import errors
from tests.service.bundles import GOLDEN_MODELS
from tests.service.programs import Serving, serving

PAGE = (Path(__file__).parents[2] / "docs" / "client.md").read_text("utf-8")
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Serving]:
    with serving(GOLDEN_MODELS, tmp_path / "log") as running:
        yield running


def test_every_example_prints_what_the_page_shows(service: Serving) -> None:
    kinds = [kind for kind, _ in BLOCKS]
    assert kinds == ["python", "text"] * (len(kinds) // 2)
    names: dict[str, object] = {}
    for (_, code), (_, shown) in zip(BLOCKS[::2], BLOCKS[1::2], strict=True):
        printed = StringIO()
        with redirect_stdout(printed):
            exec(compile(code.replace("http://127.0.0.1:8000", service.url), "docs/client.md", "exec"), names)
        assert printed.getvalue() == shown


def test_every_error_is_in_the_table_and_no_other() -> None:
    listed = re.findall(r"^\| `(\w+Error)` \|", PAGE, re.MULTILINE)
    kinds = {
        name
        for name, kind in vars(errors).items()
        if isinstance(kind, type) and issubclass(kind, errors.PlumblineError)
    }
    assert sorted(listed) == sorted(kinds - {"PlumblineError"})
