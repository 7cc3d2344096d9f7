"""docs/api.md taken apart: its requests, and the answers it shows. Compared with real ones is their form."""

import json
import re
import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2

DOCS = Path(__file__).parents[2] / "docs"
PAGE = (DOCS / "api.md").read_text("utf-8")
PROTOCOLS_PAGE = (DOCS / "protocols.md").read_text("utf-8")
ADDRESS = "http://127.0.0.1:8000"
# What differs from bundle to bundle and from request to request.
UNLIKE = {"request_id", "digest", "candidate_digest", "created_at", "data_fingerprint", "config_sha256", "code_version"}


@dataclass(frozen=True)
class Example:
    """An answer that the page shows, and what gets it: a curl command, perhaps Python too, or a name of ours."""

    curl: str
    python: str
    name: str
    answer: str

    @property
    def shown(self) -> Any:
        return json.loads(self.answer)


def examples(kind: str) -> list[Example]:
    """Find the answers of one kind, ``json`` or ``text``, each with what stands between it and the one before."""
    found, curl, python, name = [], "", "", ""
    for block in re.finditer(r"^```(\w+)\n(.*?)^```$|^<!-- (\w+) -->$", PAGE, re.MULTILINE | re.DOTALL):
        language, text, tag = block.groups()
        if tag:
            name = tag
        elif language == "bash":
            curl = text
        elif language == "python":
            python = text
        else:
            if language == kind:
                found.append(Example(curl, python, name, text))
            curl = python = name = ""
    return found


PYTHON_FUNCTIONS = re.findall(r"^```python\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)[0]
STATUS_BY_CODE = {code: int(status) for status, code in re.findall(r"^\| (\d{3}) \| `(\w+)` \|", PAGE, re.MULTILINE)}


def ask(command: str, url: str) -> httpx2.Response:
    """Send to ``url`` what a curl command of the page would send."""
    words = iter(shlex.split(command.replace("\\\n", " ").replace(ADDRESS, url)))
    assert next(words) == "curl"
    target, headers, body = next(words), {}, None
    for word in words:
        value = next(words)
        if word == "-H":
            name, _, text = value.partition(": ")
            headers[name] = text
        else:
            assert word == "-d", command
            body = value.encode()
    return httpx2.request("GET" if body is None else "POST", target, headers=headers, content=body)


def form(value: Any, key: str = "") -> Any:
    """Keep what does not depend on the bundle. The order of contributions and readings does."""
    if isinstance(value, dict):
        return {name: form(part, name) for name, part in value.items()}
    if isinstance(value, list):
        parts = sorted(value, key=lambda part: str(part["feature"])) if key in ("contributions", "readings") else value
        return [form(part) for part in parts]
    if isinstance(value, str):
        return "text" if key in UNLIKE else re.sub(r"\d[\d.,]*", "number", value)
    return value if value is None or isinstance(value, bool) else "number"
