"""Torch graphs to ONNX: weights inside the file, batch dimension free, no noise on the terminal."""

import io
import logging
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass

import onnx
import torch
from torch import nn

from model.detector_graphs import DetectorGraphs
from model.sample_form import SampleType

OPSET = 20
TORCH_TYPES: Mapping[SampleType, torch.dtype] = {
    "float64": torch.float64,
    "uint8": torch.uint8,
    "uint16": torch.uint16,
}


@dataclass(frozen=True)
class ExportedGraphs:
    """The graphs of a bundle as ONNX bytes; neither encoder nor decoder where the detector has no latent."""

    encoder: bytes | None
    decoder: bytes | None
    scorer: bytes

    def files(self) -> dict[str, bytes]:
        every = {"encoder.onnx": self.encoder, "decoder.onnx": self.decoder, "scorer.onnx": self.scorer}
        return {name: raw for name, raw in every.items() if raw is not None}


def export_graphs(graphs: DetectorGraphs) -> ExportedGraphs:
    """Export a detector in the floating-point precision that its graphs have."""
    form = graphs.form
    x = torch.zeros(2, *form.shape, dtype=TORCH_TYPES[form.dtype])
    encoder = decoder = None
    if graphs.latent is not None:
        z = torch.zeros(2, graphs.latent.size, dtype=torch.float64)
        encoder = _export(graphs.latent.encoder, x, "x", ("mean", "log_variance"))
        decoder = _export(graphs.latent.decoder, z, "z", ("reconstruction",))
    scorer = _export(graphs.scorer, x, "x", ("score", *(("reconstruction",) if form.rebuilt else ()), "contribution"))
    return ExportedGraphs(encoder, decoder, scorer)


def _export(graph: nn.Module, example: torch.Tensor, input_name: str, outputs: tuple[str, ...]) -> bytes:
    with _quiet():
        program = torch.onnx.export(
            graph.eval(),
            (example,),
            dynamo=True,
            opset_version=OPSET,
            input_names=[input_name],
            output_names=list(outputs),
            dynamic_shapes=({0: torch.export.Dim("batch", min=1)},),
            external_data=False,
            verbose=False,
        )
    if program is None:
        raise RuntimeError("torch.onnx.export returned no program")
    proto: onnx.ModelProto = program.model_proto
    _strip(proto)
    return proto.SerializeToString(deterministic=True)


def _strip(proto: onnx.ModelProto) -> None:
    """Drop what the exporter notes beside the arithmetic: source paths and stack traces of the training machine."""
    del proto.metadata_props[:]
    del proto.graph.metadata_props[:]
    del proto.graph.value_info[:]
    for node in proto.graph.node:
        node.doc_string = ""
        del node.metadata_props[:]
    for value in (*proto.graph.input, *proto.graph.output):
        value.doc_string = ""
        del value.metadata_props[:]
    for tensor in proto.graph.initializer:
        tensor.doc_string = ""
        del tensor.metadata_props[:]


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep the exporter's progress lines, registration warnings and deprecation notices from users."""
    logger = logging.getLogger("torch.onnx")
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings(), redirect_stdout(io.StringIO()):
            warnings.simplefilter("ignore")
            yield
    finally:
        logger.setLevel(level)
