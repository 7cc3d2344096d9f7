"""Models directories for tests, made from the golden bundle: other names and versions, or spoilt on purpose."""

import hashlib
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

GOLDEN_MODELS = Path(__file__).parents[1] / "golden" / "models"
PUMP = GOLDEN_MODELS / "pump" / "1"

Manifest = dict[str, Any]
Files = dict[str, bytes]


def put_bundle(
    models: Path, name: str = "pump", version: int = 1, change: Callable[[Manifest, Files], None] | None = None
) -> Path:
    """Write the golden bundle as ``models/name/version``, changed and its files signed again."""
    manifest: Manifest = json.loads((PUMP / "manifest.json").read_text())
    files = {file: (PUMP / file).read_bytes() for file in manifest["files"]}
    manifest["name"], manifest["version"] = name, version
    if change is not None:
        change(manifest, files)
    manifest["files"] = {
        file: {"sha256": hashlib.sha256(raw).hexdigest(), "bytes": len(raw)} for file, raw in files.items()
    }
    target = models / name / str(version)
    for file, raw in {**files, "manifest.json": json.dumps(manifest).encode()}.items():
        (target / file).parent.mkdir(parents=True, exist_ok=True)
        (target / file).write_bytes(raw)
    return target


def fail_golden_check(_: Manifest, files: Files) -> None:
    """Record scores that no machine will get."""
    with np.load(io.BytesIO(files["golden.npz"]), allow_pickle=False) as arrays:
        golden = dict(arrays)
    golden["scores"] = golden["scores"] * 1.5
    written = io.BytesIO()
    np.savez(written, allow_pickle=False, **golden)
    files["golden.npz"] = written.getvalue()
