"""Make the golden image bundle anew, over the old one: ``python -m tests.golden.make_image_bundle``.

Its graphs are written by hand: principal components of clean tiles, whose squared residuals are the heat map.
"""

import shutil
from dataclasses import dataclass

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from model.bundle import calibration_npy
from model.bundle_writer import write_bundle
from model.features import Feature, FeatureSpec
from model.manifest import FileEntry, Graphs, Manifest, Training
from model.modality import Image
from model.raw_scorer import RawScorer
from tests.golden.image_bundle import GOLDEN_IMAGE_BUNDLE
from tests.tiles import HEIGHT, WIDTH, clean_tiles
from training.calibrate import calibrate
from training.golden import GOLDEN_RTOL, golden_samples

PIXELS, LATENT = HEIGHT * WIDTH, 2


@dataclass(frozen=True)
class Components:
    """Mean [P], directions [P, Z] and the residual's variance, of clean images as rows of P pixels."""

    mean: NDArray[np.float64]
    directions: NDArray[np.float64]
    noise: float


def components(tiles: NDArray[np.uint8]) -> Components:
    rows = tiles.reshape(len(tiles), PIXELS).astype(float)
    mean = rows.mean(axis=0)
    _, spread, directions = np.linalg.svd(rows - mean, full_matrices=False)
    noise = float((spread[LATENT:] ** 2).sum() / rows.size)
    return Components(mean, directions[:LATENT].T, noise)


def graphs(of: Components) -> dict[str, bytes]:
    mean, directions = of.mean, of.directions
    constants = {
        "row": np.array([-1, PIXELS]),
        "image": np.array([-1, HEIGHT, WIDTH, 1]),
        "map": np.array([-1, HEIGHT, WIDTH]),
        "flat": np.array([-1]),
        "mean_": mean,
        "into": directions,
        "out_of": np.ascontiguousarray(directions.T),
        "per_noise": np.array([1 / of.noise]),
        "ones": np.full((PIXELS, 1), 1 / PIXELS),
        "none": np.zeros((LATENT, LATENT)),
        "variance": np.full(LATENT, np.log(1e-3)),
    }
    encode = [
        helper.make_node("Cast", ["x"], ["x64"], to=TensorProto.DOUBLE),
        helper.make_node("Reshape", ["x64", "row"], ["rows"]),
        helper.make_node("Sub", ["rows", "mean_"], ["centred"]),
        helper.make_node("MatMul", ["centred", "into"], ["z"]),
    ]
    decode = [
        helper.make_node("MatMul", ["z", "out_of"], ["moved"]),
        helper.make_node("Add", ["moved", "mean_"], ["rebuilt"]),
        helper.make_node("Reshape", ["rebuilt", "image"], ["reconstruction"]),
    ]
    judge = [
        helper.make_node("Sub", ["rows", "rebuilt"], ["residual"]),
        helper.make_node("Mul", ["residual", "residual"], ["squared"]),
        helper.make_node("Mul", ["squared", "per_noise"], ["weighed"]),
        helper.make_node("Reshape", ["weighed", "map"], ["contribution"]),
        helper.make_node("MatMul", ["weighed", "ones"], ["column"]),
        helper.make_node("Reshape", ["column", "flat"], ["score"]),
    ]
    latent = [
        *encode[:3],
        helper.make_node("MatMul", ["centred", "into"], ["mean"]),
        helper.make_node("MatMul", ["mean", "none"], ["nothing"]),
        helper.make_node("Add", ["nothing", "variance"], ["log_variance"]),
    ]
    x = _tensor("x", HEIGHT, WIDTH, 1, kind=TensorProto.UINT8)
    rebuilt = _tensor("reconstruction", HEIGHT, WIDTH, 1)
    scored = [_tensor("score"), rebuilt, _tensor("contribution", HEIGHT, WIDTH)]
    placed = [_tensor("mean", LATENT), _tensor("log_variance", LATENT)]
    return {
        "encoder.onnx": _graph("encoder", latent, x, placed, constants),
        "decoder.onnx": _graph("decoder", decode, _tensor("z", LATENT), [rebuilt], constants),
        "scorer.onnx": _graph("scorer", [*encode, *decode, *judge], x, scored, constants),
    }


def _tensor(name: str, *sizes: int, kind: int = TensorProto.DOUBLE) -> onnx.ValueInfoProto:
    return helper.make_tensor_value_info(name, kind, ["batch", *sizes])


def _graph(
    name: str,
    nodes: list[onnx.NodeProto],
    taken: onnx.ValueInfoProto,
    given: list[onnx.ValueInfoProto],
    constants: dict[str, NDArray[np.float64] | NDArray[np.int64]],
) -> bytes:
    used = {source for node in nodes for source in node.input}
    tensors = [numpy_helper.from_array(value, key) for key, value in constants.items() if key in used]
    graph = helper.make_graph(nodes, name, [taken], given, tensors)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=10).SerializeToString()


if __name__ == "__main__":
    made = graphs(components(clean_tiles(1000)))
    clean = clean_tiles(500, seed=1)
    raw = RawScorer(made["scorer.onnx"])
    scores = raw.scores(clean)
    threshold = calibrate(scores, 0.01, "tolerance", 0.95)
    features = (Feature(name="grey", low=0, high=255),)
    golden = golden_samples(
        raw, FeatureSpec(features=features), clean, scores, threshold, None, np.random.default_rng(0)
    )
    heat_threshold = float(np.quantile(raw.contributions(clean).max(axis=(1, 2)), 0.99))

    def manifest(files: dict[str, FileEntry]) -> Manifest:
        return Manifest(
            format_version=1,
            name=GOLDEN_IMAGE_BUNDLE.parent.name,
            version=1,
            modality="image",
            image=Image(height=HEIGHT, width=WIDTH, bits=8, heat_threshold=heat_threshold),
            features=features,
            detector="pca",
            score="standardized",
            threshold=threshold,
            graphs=Graphs(precision="float64", latent_size=LATENT, score_rtol=GOLDEN_RTOL),
            training=Training(
                created_at="2026-01-01T00:00:00+00:00",
                data_fingerprint="sha256:" + "0" * 64,
                config={},
                config_sha256="0" * 64,
                code_version="0.1.0",
                libraries={},
                seed=0,
                rows={"training": 1000, "calibration": 500},
                metrics={},
            ),
            files=files,
        )

    shutil.rmtree(GOLDEN_IMAGE_BUNDLE, ignore_errors=True)
    page = b"<!doctype html><title>report</title>"
    files = {"calibration.npy": calibration_npy(scores), "golden.npz": golden.to_npz(), "report/index.html": page}
    write_bundle(GOLDEN_IMAGE_BUNDLE.parent, manifest, {**made, **files})
