"""The gate between a trained model and a bundle: what is served must be what was trained, in any batch."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from model.decoder import Decoder
from model.detector_graphs import DetectorGraphs
from model.encoder import Encoder, Latents
from model.errors import ParityError
from model.raw_scorer import CHUNK, RawScorer
from model.sample_form import SampleForm
from model.threshold import Threshold
from training.export import ExportedGraphs

SCORE_RTOL = 1e-5
# Networks that convolve images run in float32 alone, and add up thousands of products for each number.
PIXEL_SCORE_RTOL = 1e-4
PART_TOLERANCE = 1e-4
PIXELS = 4  # dimensions of a batch of images
BATCHES = (1, 2, 7, 2000)


@dataclass(frozen=True)
class Certificate:
    """What the gate measured: the largest relative difference from torch, over ``samples`` samples."""

    score_error: float
    samples: int


@dataclass(frozen=True)
class Reference:
    """What the torch model answers for samples ``x`` [B, *shape], computed in float64: the graphs are held to it."""

    x: NDArray[Any]
    latents: Latents | None
    score: NDArray[np.float64]
    reconstruction: NDArray[np.float64] | None
    contribution: NDArray[np.float64]


def torch_reference(graphs: DetectorGraphs, x: NDArray[Any]) -> Reference:
    """Answer for ``x`` [B, *shape] with the torch model in float64, whatever the precision of ``graphs``."""
    exact = graphs.exact()
    chunk = graphs.form.chunk(CHUNK)
    latents = None if exact.latent is None else Latents(*_answers(exact.latent.encoder, x, chunk))
    score, *rebuilt, contribution = _answers(exact.scorer, x, chunk)
    return Reference(x, latents, score, rebuilt[0] if rebuilt else None, contribution)


@torch.no_grad()
def _answers(graph: nn.Module, x: NDArray[Any], chunk: int) -> list[NDArray[np.float64]]:
    parts = [graph.eval()(rows) for rows in torch.from_numpy(x).split(chunk)]
    return [torch.cat(values).numpy() for values in zip(*parts, strict=True)]


def certify(graphs: ExportedGraphs, reference: Reference, thresholds: tuple[Threshold, ...]) -> Certificate:
    """Hold the exported graphs against the torch model.

    Raises:
        ParityError: scores differ by more than is allowed, a verdict differs, a score depends on its batch, or
            encoder, decoder or explanations give something else than the model.
    """
    raw = RawScorer(graphs.scorer)
    scores = raw.scores(reference.x)
    error = np.abs(scores - reference.score) / np.maximum(np.abs(reference.score), np.finfo(np.float64).tiny)
    worst = int(error.argmax())
    allowed = PIXEL_SCORE_RTOL if reference.x.ndim == PIXELS else SCORE_RTOL
    if not error[worst] <= allowed:
        raise ParityError(
            f"ONNX Runtime must reproduce torch's scores within {allowed:g}; sample {worst} scores "
            f"{scores[worst]:.9g} against {reference.score[worst]:.9g} (relative difference {error[worst]:.2g})"
        )
    for threshold in thresholds:
        # The sample that set the threshold lies on it in one runtime and next to it in the other.
        others = scores != threshold.value
        if ((scores > threshold.value) != (reference.score > threshold.value))[others].any():
            raise ParityError(f"ONNX Runtime and torch disagree on a verdict at threshold {threshold.value:.9g}")
    _check_batches(raw, reference.x, scores)
    _check_parts(graphs, raw, reference)
    return Certificate(float(error[worst]), len(reference.x))


def _check_batches(raw: RawScorer, x: NDArray[Any], scores: NDArray[np.float64]) -> None:
    for batch in BATCHES:
        rows = min(len(x), max(batch, SampleForm(x.shape[1:]).chunk(256)))
        again = np.concatenate([raw.scores(x[start : start + batch]) for start in range(0, rows, batch)])[:rows]
        differing = np.flatnonzero(again != scores[:rows])
        if differing.size:
            raise ParityError(f"sample {differing[0]} scores differently in batches of {batch}")


def _check_parts(graphs: ExportedGraphs, raw: RawScorer, reference: Reference) -> None:
    """Hold encoder, decoder and explanations to the model, each within ``PART_TOLERANCE`` of its own spread."""
    if reference.reconstruction is None:
        _check_part("scorer.onnx: contribution", raw.contributions(reference.x), reference.contribution)
        return
    explained = raw.explain(reference.x)
    parts = [
        ("scorer.onnx: reconstruction", explained.reconstruction, reference.reconstruction),
        ("scorer.onnx: contribution", explained.contribution, reference.contribution),
    ]
    if reference.latents is not None and graphs.encoder is not None and graphs.decoder is not None:
        latents = Encoder(graphs.encoder).encode(reference.x)
        decoded = Decoder(graphs.decoder).decode(latents.mean)
        parts += [
            ("encoder.onnx: mean", latents.mean, reference.latents.mean),
            ("encoder.onnx: log_variance", latents.log_variance, reference.latents.log_variance),
            # What the scorer fills in for an absent value is more than what is decoded.
            (
                "decoder.onnx: reconstruction",
                np.where(_absent(reference.x), reference.reconstruction, decoded),
                reference.reconstruction,
            ),
        ]
    for name, found, expected in parts:
        _check_part(name, found, expected)


def _absent(x: NDArray[Any]) -> NDArray[np.bool_]:
    return np.isnan(x) if x.dtype == np.float64 else np.zeros(x.shape, dtype=bool)


def _check_part(name: str, found: NDArray[np.float64], expected: NDArray[np.float64]) -> None:
    spread = expected.std(axis=0) + np.abs(expected).mean(axis=0)
    apart = np.abs(found - expected) > PART_TOLERANCE * (spread + np.abs(expected))
    if apart.any() or not np.isfinite(found).all():
        raise ParityError(f"{name} differs from the model's by more than {PART_TOLERANCE:g} of its spread")
