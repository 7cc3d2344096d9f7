"""House rules about files: one noun each, small, named for what they hold."""

import ast

import pytest

from tests.architecture.sources import CLIENT, PACKAGES, ROOT

FOLDERS = (*PACKAGES, CLIENT, "examples", "benchmarks", "docker", "tests")
FILES = sorted(
    file for folder in FOLDERS for file in (ROOT / folder).rglob("*.py") if "build" not in file.relative_to(ROOT).parts
)
MOST_LINES = 300
BANNED = {"utils", "util", "helpers", "helper", "common", "base", "misc", "manager", "core"}


def test_a_file_holds_one_noun() -> None:
    lines = {file.relative_to(ROOT).as_posix(): len(file.read_text("utf-8").splitlines()) for file in FILES}
    assert lines
    too_long = {file: count for file, count in lines.items() if count > MOST_LINES}
    assert too_long == {}, "look for the second noun"


def test_no_file_or_folder_has_a_name_that_says_nothing() -> None:
    names = {part.removesuffix(".py") for file in FILES for part in file.relative_to(ROOT).parts}
    words = {word for name in names for word in name.split("_")}
    assert not BANNED & words


@pytest.mark.parametrize("package", PACKAGES)
def test_importing_a_package_runs_nothing(package: str) -> None:
    tree = ast.parse((ROOT / package / "__init__.py").read_text("utf-8"))
    assert all(isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) for node in tree.body)


def test_there_is_no_package_below_tests() -> None:
    """One would shadow the package whose name its folder has."""
    assert not list((ROOT / "tests").rglob("__init__.py"))


@pytest.mark.parametrize("package", [*PACKAGES, CLIENT])
def test_packages_ship_their_types(package: str) -> None:
    assert (ROOT / package / "py.typed").is_file()
