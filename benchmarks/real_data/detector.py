"""The line through the real commands: a table of clean rows to a bundle, and rows over HTTP to scores."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pyarrow import csv

from benchmarks.errors import MeasurementError
from benchmarks.process import Run, require_success, run, script
from benchmarks.results import console
from examples.demo.client import Client
from training.evaluate import Evaluation, evaluate

TARGET_FPR = "0.01"
REFUSED = 3  # the exit code of a gate that did not pass


def write_table(file: Path, names: Sequence[str], rows: NDArray[np.float64]) -> Path:
    """Write ``rows`` [N, F] as CSV; a number reads back as it was."""
    csv.write_csv(pa.table(dict(zip(names, rows.T, strict=True))), file)
    return file


def train(clean: Path, out: Path, *options: str) -> None:
    """Train on ``clean`` into ``out`` (``models/NAME``), and show the command and what it warned of.

    Where certifying is refused, the refusal is shown and the conformal rule asked for.

    Raises:
        MeasurementError: the training run failed.
    """
    finished = _plumbline_train(clean, out, options)
    if finished.exit_code == REFUSED:
        console.print(f"  {finished.last_line}", style="red", soft_wrap=True)
        finished = _plumbline_train(clean, out, (*options, "--rule", "conformal"))
    require_success(finished, "plumbline-train")
    for line in finished.lines:
        if " WARNING " in line.text:
            console.print(f"  {line.text.partition(' WARNING ')[2]}", style="yellow", soft_wrap=True)


def _plumbline_train(clean: Path, out: Path, options: Sequence[str]) -> Run:
    words = ["--target-fpr", TARGET_FPR, *options]
    console.print(f"\nplumbline-train {clean.name} --out models/{out.name} {' '.join(words)}", style="bold")
    return run([script("plumbline-train"), str(clean), "--out", str(out), *words])


@dataclass(frozen=True)
class Detector:
    """A served model. ``threshold`` and ``target_fpr`` are what the service says they are."""

    name: str
    client: Client
    features: tuple[str, ...]
    threshold: float
    target_fpr: float

    @classmethod
    def served(cls, client: Client, name: str) -> "Detector":
        model = client.model(name)
        return cls(name, client, model.features, model.threshold, model.target_fpr)

    def scores(self, names: Sequence[str], rows: NDArray[np.float64]) -> NDArray[np.float64]:
        """Score ``rows`` [B, F], whose columns have ``names``, over HTTP.

        Raises:
            MeasurementError: a row is invalid, or a verdict is not what its score says.
        """
        columns = [list(names).index(feature) for feature in self.features]
        judged = self.client.score(self.name, rows[:, columns])
        scores = np.array([np.nan if judgement.score is None else judgement.score for judgement in judged])
        if np.isnan(scores).any():
            raise MeasurementError(f"model {self.name}: {int(np.isnan(scores).sum())} rows are invalid")
        if not np.array_equal(scores > self.threshold, [judgement.is_alarm for judgement in judged]):
            raise MeasurementError(f"model {self.name}: verdicts and scores do not agree")
        return scores

    def evaluate(self, names: Sequence[str], rows: NDArray[np.float64], anomalous: NDArray[np.bool_]) -> Evaluation:
        """Score ``rows`` [B, F] over HTTP and compare the alarms with ``anomalous`` [B]."""
        return evaluate(self.scores(names, rows), anomalous, self.threshold)
