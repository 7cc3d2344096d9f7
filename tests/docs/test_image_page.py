"""docs/image-models.md is true: its requests are sent to a service, and answered as the page shows."""

import json
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from model.images.png import png
from tests.docs.api_page import ADDRESS
from tests.golden.image_bundle import GOLDEN_IMAGE_MODELS
from tests.service.programs import serving
from tests.tiles import clean_tiles, with_spot

PAGE = (Path(__file__).parents[2] / "docs/image-models.md").read_text("utf-8")
EXAMPLES = re.findall(r"^```bash\n(curl.*?)\n```\n```json\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
GOOD = png(clean_tiles(1, seed=5)[0])
SPOT = png(with_spot(clean_tiles(1, seed=5))[0])
FILES = {"good.png": GOOD, "spot.png": SPOT, "cut.png": SPOT[:200]}


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with serving(GOLDEN_IMAGE_MODELS, tmp_path_factory.mktemp("service") / "log") as service:
        yield service.url


def ask(command: str, url: str) -> Any:
    words = iter(shlex.split(command.replace(ADDRESS, url))[1:])
    target, headers, raw, files = next(words), {}, None, []
    for word in words:
        value = next(words)
        if word == "-H":
            name, _, text = value.partition(": ")
            headers[name] = text
        elif word == "--data-binary":
            raw = FILES[value.removeprefix("@")]
        else:
            field, _, name = value.partition("=@")
            files.append((field, (name, FILES[name], "image/png")))
    return httpx2.post(target, headers=headers, content=raw, files=files or None).json()


@pytest.mark.parametrize(("command", "shown"), EXAMPLES, ids=lambda text: text[26:70])
def test_every_call_gets_the_answer_shown(command: str, shown: str, url: str) -> None:
    expected, found = json.loads(shown), ask(command, url)
    assert plain(found) == plain(expected)


def plain(answer: Any) -> Any:
    """Keep what every request and every machine has in common: no request id, and numbers and pictures in short."""
    if isinstance(answer, dict):
        return {name: plain(part) for name, part in answer.items() if name != "request_id"}
    if isinstance(answer, list):
        return [plain(part) for part in answer]
    if isinstance(answer, float):
        return pytest.approx(answer, rel=1e-6)
    return answer[:40] if isinstance(answer, str) and answer.startswith("iVBOR") else answer


def test_the_page_has_examples() -> None:
    assert len(EXAMPLES) == 4
