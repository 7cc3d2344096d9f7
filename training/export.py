"""Torch graphs to ONNX: weights inside the file, batch dimension free, no noise on the terminal."""

import io
import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass

import onnx
import torch
from torch import nn

from model.detector import DecoderGraph, EncoderGraph, Metric, ScorerGraph, Standardiser
from model.vae import VAE

OPSET = 20


@dataclass(frozen=True)
class ExportedGraphs:
    """The three graphs of a bundle as ONNX bytes."""

    encoder: bytes
    decoder: bytes
    scorer: bytes

    def files(self) -> dict[str, bytes]:
        return {"encoder.onnx": self.encoder, "decoder.onnx": self.decoder, "scorer.onnx": self.scorer}


def export_graphs(vae: VAE, standardiser: Standardiser, metric: Metric) -> ExportedGraphs:
    """Export the detector in the floating-point precision that ``vae`` has."""
    x = torch.zeros(2, vae.feature_count, dtype=torch.float64)
    z = torch.zeros(2, vae.latent_size, dtype=torch.float64)
    return ExportedGraphs(
        encoder=_export(EncoderGraph(vae, standardiser), x, "x", ("mean", "log_variance")),
        decoder=_export(DecoderGraph(vae, standardiser), z, "z", ("reconstruction",)),
        scorer=_export(ScorerGraph(vae, standardiser, metric), x, "x", ("score", "reconstruction", "contribution")),
    )


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
