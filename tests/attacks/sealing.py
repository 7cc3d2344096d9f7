"""Forging seals: a manifest whose digests and sizes fit whatever an attacker put into the bundle."""

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from model.bundle import MANIFEST
from tests.golden.bundle import golden_files

LISTED = list(golden_files())
FILES = [*LISTED, MANIFEST]


@contextmanager
def forged_manifest(bundle: Path) -> Iterator[dict[str, Any]]:
    """Hand out the manifest's fields and write back what has become of them."""
    fields: dict[str, Any] = json.loads((bundle / MANIFEST).read_bytes())
    yield fields
    (bundle / MANIFEST).write_text(json.dumps(fields, indent=2), "utf-8")


def put_sealed(bundle: Path, name: str, raw: bytes) -> None:
    """Put ``raw`` into the bundle as file ``name``, with the manifest vouching for it."""
    (bundle / name).parent.mkdir(parents=True, exist_ok=True)
    (bundle / name).write_bytes(raw)
    with forged_manifest(bundle) as manifest:
        manifest["files"][name] = {"sha256": hashlib.sha256(raw).hexdigest(), "bytes": len(raw)}


def replace_in_manifest(bundle: Path, old: str, new: str) -> None:
    """Change the manifest's text where no JSON writer would."""
    text = (bundle / MANIFEST).read_text("utf-8")
    assert text.count(old) == 1
    (bundle / MANIFEST).write_text(text.replace(old, new), "utf-8")
