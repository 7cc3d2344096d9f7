"""A bundle that judges windows, made without torch: the distance of a window's channels from their clean mean."""

from pathlib import Path

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from model.alarm.rule import Alarm, AlarmRule
from model.bundle import calibration_npy
from model.bundle_writer import write_bundle
from model.golden import Golden
from model.manifest import FileEntry, Graphs, Manifest, Training
from model.modality import Window
from model.raw_scorer import RawScorer
from model.threshold import Threshold
from tests.samples import FEATURES, LOCATION, SCALE, clean_rows

LENGTH = 8
INTERVAL = 10.0


def window_graph() -> bytes:
    """Score [B, T, F] by the sum over channels of the squared mean deviation, in units of a row's spread."""
    steps = np.full((1, LENGTH), 1 / LENGTH)
    tensors = {
        "location": LOCATION,
        "scale": 1 / SCALE,
        "zero": np.zeros(1),
        "steps": steps,
        "channels": np.ones((len(SCALE), 1)),
        "last": np.array([1, 2], dtype=np.int64),
    }
    nodes = [
        helper.make_node("Sub", ["x", "location"], ["residual"]),
        helper.make_node("Mul", ["residual", "scale"], ["scaled"]),
        helper.make_node("Mul", ["scaled", "scaled"], ["contribution"]),
        helper.make_node("MatMul", ["steps", "scaled"], ["mean"]),
        helper.make_node("Mul", ["mean", "mean"], ["square"]),
        helper.make_node("MatMul", ["square", "channels"], ["column"]),
        helper.make_node("Squeeze", ["column", "last"], ["score"]),
        helper.make_node("Mul", ["x", "zero"], ["nothing"]),
        helper.make_node("Add", ["nothing", "location"], ["reconstruction"]),
    ]
    shape: list[str | int] = ["batch", LENGTH, len(SCALE)]
    value = helper.make_tensor_value_info
    outputs = [
        value("score", TensorProto.DOUBLE, ["batch"]),
        value("reconstruction", TensorProto.DOUBLE, shape),
        value("contribution", TensorProto.DOUBLE, shape),
    ]
    initializers = [numpy_helper.from_array(array, name) for name, array in tensors.items()]
    graph = helper.make_graph(nodes, "scorer", [value("x", TensorProto.DOUBLE, shape)], outputs, initializers)
    model: onnx.ModelProto = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=8)
    return model.SerializeToString()


def windows_of(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return every window [n, T, F] of rows that follow each other."""
    return np.stack([rows[start : start + LENGTH] for start in range(len(rows) - LENGTH + 1)])


def write_window_bundle(models: Path, rule: AlarmRule | None = None) -> Path:
    """Write ``models/rig/1``: windows of eight rows ten seconds apart, an alarm for every anomaly unless by a rule."""
    graph = window_graph()
    raw = RawScorer(graph)
    clean = windows_of(clean_rows(400))
    scores = np.sort(raw.scores(clean))
    threshold = Threshold(value=scores[-3], target_fpr=0.05, rule="conformal", calibration_count=scores.size)
    samples = np.concatenate(
        [clean[:2], windows_of(clean_rows(LENGTH) + 10 * SCALE), np.full((1, *clean.shape[1:]), np.nan)]
    )
    golden = Golden(samples, np.append(raw.scores(samples[:3]), np.nan), np.array([0, 0, 2, 3], dtype=np.int8))

    def manifest(files: dict[str, FileEntry]) -> Manifest:
        return Manifest(
            format_version=1,
            name="rig",
            version=1,
            modality="window",
            window=Window(length=LENGTH, stride=1, sampling_interval=INTERVAL, time="time"),
            features=FEATURES,
            detector="mahalanobis",
            score="mahalanobis",
            threshold=threshold,
            alarm=None if rule is None else Alarm(rule=rule),
            graphs=Graphs(precision="float64", latent_size=None, score_rtol=1e-6),
            training=Training(
                created_at="2026-01-01T00:00:00+00:00",
                data_fingerprint="sha256:" + "0" * 64,
                config={},
                config_sha256="0" * 64,
                code_version="0.1.0",
                libraries={},
                seed=0,
                rows={},
                metrics={},
            ),
            files=files,
        )

    files = {"scorer.onnx": graph, "calibration.npy": calibration_npy(scores), "golden.npz": golden.to_npz()}
    return write_bundle(models / "rig", manifest, files)
