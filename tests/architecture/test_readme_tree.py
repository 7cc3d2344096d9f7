"""The annotated tree in the README: what it lists is there, and every module is listed."""

import re
from pathlib import Path

import pytest

from tests.architecture.sources import CLIENT, PACKAGES, ROOT

README = ROOT / "README.md"


def listed(text: str) -> list[str]:
    """Read the code block under the heading 'The tree': a path, two spaces or more, a word on it; two spaces a level.

    Folders end with '/'. Lines of a folder's content may give the path from the root, or be indented below the folder.
    """
    block = re.search(r"^##+ The tree\n.*?^```\w*\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    if block is None:
        return []
    paths: list[str] = []
    above: list[str] = []
    for line in block[1].splitlines():
        entry = re.match(r"( *)(\S+)", line)
        if entry is None:
            continue
        level = len(entry[1]) // 2
        above = above[:level]
        paths.append("".join(above) + entry[2])
        if entry[2].endswith("/"):
            above.append(entry[2])
    return paths


def missing(paths: list[str], root: Path) -> list[str]:
    """Give the listed paths that are not there, or are a file where a folder is announced and the other way round."""
    return [path for path in paths if not (root / path).exists() or path.endswith("/") != (root / path).is_dir()]


def unlisted(paths: list[str], root: Path) -> list[str]:
    """Give the modules of the packages that no line lists."""
    files = [
        file.relative_to(root).as_posix()
        for package in (*PACKAGES, CLIENT)
        for file in sorted((root / package).rglob("*.py"))
        if "build" not in file.relative_to(root).parts
    ]
    return [file for file in files if file not in paths and not file.endswith("/__init__.py")]


tree_is_there = pytest.mark.skipif(
    not listed(README.read_text("utf-8") if README.exists() else ""), reason="the README has no tree yet"
)


@tree_is_there
def test_everything_in_the_tree_is_in_the_repository() -> None:
    assert missing(listed(README.read_text("utf-8")), ROOT) == []


@tree_is_there
def test_every_module_is_in_the_tree() -> None:
    assert unlisted(listed(README.read_text("utf-8")), ROOT) == []


@tree_is_there
def test_nothing_is_in_the_tree_twice() -> None:
    paths = listed(README.read_text("utf-8"))
    assert sorted(set(paths)) == sorted(paths)


EXAMPLE = """
# Plumbline

## The tree

Every file, in a few words.

```
model/               what a detector is
  bundle.py          reading a bundle
  gone.py            nothing any more
training/fit.py      the loop
service              a folder without its slash
```

## Elsewhere

```
model/other.py       not part of the tree
```
"""


def test_a_tree_is_read_line_by_line() -> None:
    assert listed(EXAMPLE) == ["model/", "model/bundle.py", "model/gone.py", "training/fit.py", "service"]


def test_what_is_wrong_with_a_tree_is_found(tmp_path: Path) -> None:
    for file in ("model/bundle.py", "model/new.py", "training/fit.py", "service/__init__.py"):
        (tmp_path / file).parent.mkdir(exist_ok=True)
        (tmp_path / file).touch()
    assert missing(listed(EXAMPLE), tmp_path) == ["model/gone.py", "service"]
    assert unlisted(listed(EXAMPLE), tmp_path) == ["model/new.py"]
