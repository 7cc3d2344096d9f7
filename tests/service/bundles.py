"""Models directories for tests, made from the golden bundle: other names and versions, or spoilt on purpose."""

import hashlib
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnx

from model.bundle import calibration_npy

GOLDEN_MODELS = Path(__file__).parents[1] / "golden" / "models"
PUMP = GOLDEN_MODELS / "pump" / "1"
Change = Callable[["Manifest", "Files"], None]

Manifest = dict[str, Any]
Files = dict[str, bytes]


def put_bundle(
    models: Path, name: str = "pump", version: int = 1, change: Change | None = None, golden: Path = PUMP
) -> Path:
    """Write a golden bundle as ``models/name/version``, changed and its files signed again."""
    manifest: Manifest = json.loads((golden / "manifest.json").read_text())
    files = {file: (golden / file).read_bytes() for file in manifest["files"]}
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
    _scale_golden_scores(files, 1.5)


def double_scores(manifest: Manifest, files: Files, times: int = 1) -> None:
    """Make another detector: it scores twice as high so many times, to the bit, and its verdicts are the same."""
    factor = 2.0**times
    graph = onnx.load_model_from_string(files["scorer.onnx"])
    node = next(node for node in graph.graph.node if "score" in node.output)
    node.output[[*node.output].index("score")] = "score_of_one"
    graph.graph.initializer.append(onnx.numpy_helper.from_array(np.array(factor), "doublings"))
    graph.graph.node.append(onnx.helper.make_node("Mul", ["score_of_one", "doublings"], ["score"]))
    files["scorer.onnx"] = graph.SerializeToString()
    calibration = np.load(io.BytesIO(files["calibration.npy"]), allow_pickle=False)
    files["calibration.npy"] = calibration_npy(calibration * factor)
    manifest["threshold"]["value"] *= factor
    _scale_golden_scores(files, factor)


def _scale_golden_scores(files: Files, factor: float) -> None:
    with np.load(io.BytesIO(files["golden.npz"]), allow_pickle=False) as arrays:
        golden = dict(arrays)
    golden["scores"] = golden["scores"] * factor
    written = io.BytesIO()
    np.savez(written, allow_pickle=False, **golden)
    files["golden.npz"] = written.getvalue()
