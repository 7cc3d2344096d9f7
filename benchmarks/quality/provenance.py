"""What a result was made from: the set's bytes, the configuration, the code. A result holds as long as all three do."""

import ast
import hashlib
import platform
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGES = ("model", "training", "benchmarks")
LIBRARIES = ("numpy", "scikit-learn", "torch")
DIGITS = 16


@dataclass(frozen=True)
class Provenance:
    """Digests, each the first 16 hexadecimal digits of a SHA-256."""

    data: str
    config: str
    code: str

    def changes_since(self, earlier: "Provenance") -> tuple[str, ...]:
        """Name what is no longer as it was."""
        pairs = {"the set": "data", "the configuration": "config", "the code": "code"}
        return tuple(words for words, field in pairs.items() if getattr(self, field) != getattr(earlier, field))


def code_digest(*modules: str) -> str:
    """Digest the modules, all of ours that they import, however deep, and the versions of what they compute with.

    A comment or a line break more is no change: what counts is the syntax tree.
    """
    digest = hashlib.sha256()
    for name, tree in sorted(_with_imports(modules).items()):
        digest.update(f"{name}\0{ast.dump(tree)}\0".encode())
    for name in LIBRARIES:
        digest.update(f"{name} {version(name)}\0".encode())
    digest.update(platform.python_version().encode())
    return digest.hexdigest()[:DIGITS]


def _with_imports(modules: Iterable[str]) -> dict[str, ast.Module]:
    trees: dict[str, ast.Module] = {}
    waiting = list(modules)
    while waiting:
        name = waiting.pop()
        file = ROOT / (name.replace(".", "/") + ".py")
        if name not in trees and name.split(".")[0] in PACKAGES and file.is_file():
            trees[name] = ast.parse(file.read_text("utf-8"))
            waiting += _imported(trees[name])
    return trees


def _imported(tree: ast.Module) -> list[str]:
    names: list[str] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names += [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
    return names
