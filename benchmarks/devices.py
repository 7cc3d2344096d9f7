"""What a GPU brings, and whether it judges as the CPU does: ``python -m benchmarks.devices BUNDLE...``.

Each bundle's own golden samples, valid ones, are scored over and over in batches of several sizes: by the CPU on one
thread, by plain runs on the GPU, and by captured ones, as the service makes them there. Samples per second are the
medians of rounds that take turns. Scores are compared with the CPU's, and verdicts that differ are counted.
"""

import statistics
from collections.abc import Callable
from pathlib import Path
from time import perf_counter
from typing import Annotated, Any

import numpy as np
import onnx
import typer
from numpy.typing import NDArray

from benchmarks.machine import this_machine
from benchmarks.results import begin, show
from model.boundary import command_boundary
from model.bundle import Bundle, read_bundle
from model.device_runs import DeviceRuns, device_runs
from model.errors import InputError
from model.inference import Provider, best_provider, keep_outputs, open_session
from model.raw_scorer import CHUNK
from model.scorer import INVALID

BATCHES, ROUNDS, SECONDS = (1, 16, 128, 512), 5, 0.5

Run = Callable[[NDArray[Any]], NDArray[np.float64]]


def measure_device(bundle: Bundle, device: Provider) -> None:
    """Print the table of one bundle: the CPU beside ``device``."""
    graph = keep_outputs(onnx.load_model_from_string(bundle.scorer), {"score"})
    cpu, plain = _plain(graph, "cpu"), _plain(graph, device)
    runs: dict[str, Run] = {"CPU": cpu, f"{device}, plain": plain}
    captured = device_runs(graph, open_session(graph, device), CHUNK)
    if captured is not None:
        runs[f"{device}, captured"] = captured.scores
    valid = bundle.golden.samples[bundle.golden.verdicts != INVALID]
    most = CHUNK if captured is None else captured.sizes[-1]
    rows = []
    for batch in (batch for batch in BATCHES if batch <= most):
        x = np.ascontiguousarray(valid[np.arange(batch) % len(valid)])
        rates: dict[str, list[float]] = {name: [] for name in runs}
        for _ in range(ROUNDS):
            for name, run in runs.items():
                rates[name].append(batch * _runs_per_second(run, x))
        rows.append((f"{batch}", *(f"{statistics.median(rates[name]):,.0f}" for name in runs)))
    manifest = bundle.manifest
    show(f"{manifest.name}/{manifest.version}, {manifest.modality}: samples per second", ("batch", *runs), rows)
    _show_differences(bundle, valid, cpu, {name: run for name, run in runs.items() if run is not cpu}, captured)


def _show_differences(
    bundle: Bundle, valid: NDArray[Any], cpu: Run, others: dict[str, Run], captured: DeviceRuns | None
) -> None:
    part = len(valid) if captured is None else captured.sizes[-1]
    threshold, rtol = bundle.manifest.threshold.value, bundle.manifest.graphs.score_rtol
    expected = cpu(valid)
    rows = []
    for name, run in others.items():
        found = np.concatenate([run(valid[start : start + part]) for start in range(0, len(valid), part)])
        difference = np.abs(found - expected) / np.maximum(np.abs(expected), np.finfo(float).tiny)
        verdicts = int(((found > threshold) != (expected > threshold)).sum())
        rows.append((name, f"{len(valid)}", f"{difference.max():.2e}", f"{rtol:.0e}", f"{verdicts}"))
    headings = ("", "samples", "largest relative difference", "allowed", "verdicts that differ")
    show("Beside the CPU's scores", headings, rows)


def _plain(graph: onnx.ModelProto, provider: Provider) -> Run:
    session = open_session(graph, provider)

    def run(x: NDArray[Any]) -> NDArray[np.float64]:
        scores: NDArray[np.float64] = session.run(("score",), {"x": x})[0]
        return scores

    return run


def _runs_per_second(run: Run, x: NDArray[Any]) -> float:
    run(x)
    count, start = 0, perf_counter()
    while perf_counter() < start + SECONDS:
        run(x)
        count += 1
    return count / (perf_counter() - start)


def main(bundles: Annotated[list[Path], typer.Argument(help="Bundles, of rows, windows or images.")]) -> None:
    """Measure samples per second on the CPU and on a CUDA device, and compare what they say."""
    with command_boundary(debug=False):
        if best_provider() != "cuda":
            raise InputError("there is no CUDA device here, or no runtime for one")
        begin(this_machine())
        for bundle in bundles:
            measure_device(read_bundle(bundle), "cuda")


if __name__ == "__main__":
    typer.run(main)
