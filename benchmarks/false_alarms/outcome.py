"""What training promised of a set, and what became of it on other clean rows."""

import json
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy import stats

from benchmarks.false_alarms.sets import CleanSet
from benchmarks.real_data.detector import write_table
from benchmarks.results import console, show
from model.bundle import read_bundle
from model.errors import CalibrationError, InputError
from model.scorer import ANOMALY, Scorer
from training.config import TrainingConfig
from training.dependence import effective_count
from training.pipeline import train_bundle
from training.promise_sentence import promise


@dataclass(frozen=True)
class Counted:
    """False alarms on ``rows`` clean rows that are worth ``effective`` independent ones."""

    test: str
    rows: int
    effective: int
    alarms: int

    @property
    def interval(self) -> tuple[float, float]:
        """Bound the rate with 95 % confidence (Clopper and Pearson 1934) by as many rows as they are worth."""
        hits = self.alarms * self.effective / self.rows
        low = float(stats.beta.ppf(0.025, hits, self.effective - hits + 1)) if hits else 0.0
        high = float(stats.beta.ppf(0.975, hits + 1, self.effective - hits)) if hits < self.effective else 1.0
        return low, high


@dataclass(frozen=True)
class Outcome:
    """One set: why certifying was refused, if it was, what was promised, and what the tests showed."""

    data: str
    refusal: str
    method: str
    calibration_rows: int
    effective: int
    drift_p_value: float | None
    target_fpr: float
    promised: str
    tests: tuple[Counted, ...]


def judge_set(one: CleanSet, config: TrainingConfig) -> Outcome:
    """Train on the set's clean rows, by the conformal rule where certifying is refused, and score its tests."""
    config = config.model_copy(update={"split": config.split.model_copy(update={"by": one.split})})
    names = [f"x{column}" for column in range(one.train.shape[1])]
    with tempfile.TemporaryDirectory() as folder:
        table = np.column_stack([one.train, *([] if one.groups is None else [one.groups])])
        if one.groups is not None:
            config = config.model_copy(update={"data": config.data.model_copy(update={"group": "run"})})
        clean = write_table(Path(folder) / "clean.csv", [*names, *([] if one.groups is None else ["run"])], table)
        refusal = ""
        try:
            bundle = _train(clean, config)
        except InputError as error:
            console.print(f"  {error}", style="red", soft_wrap=True)
            return Outcome(one.name, str(error), "", 0, 0, None, config.target_fpr, "", ())
        except CalibrationError as error:
            refusal = str(error)
            console.print(f"  {refusal}", style="red", soft_wrap=True)
            conformal = config.calibration.model_copy(update={"rule": "conformal"})
            bundle = _train(clean, config.model_copy(update={"calibration": conformal}))
        scorer = Scorer(read_bundle(bundle))
    columns = [names.index(name) for name in scorer.spec.names]
    tests = []
    for title, rows in one.tests.items():
        judged = scorer.score(np.ascontiguousarray(rows[:, columns]))
        alarms = int((judged.verdict == ANOMALY).sum())
        tests.append(Counted(title, len(rows), effective_count(judged.score), alarms))
    threshold = scorer.manifest.threshold
    return Outcome(
        one.name,
        refusal,
        threshold.method,
        threshold.calibration_count,
        threshold.effective_count or threshold.calibration_count,
        scorer.manifest.training.metrics.get("drift_p_value"),
        threshold.target_fpr,
        promise(threshold),
        tuple(tests),
    )


def _train(clean: Path, config: TrainingConfig) -> Path:
    return train_bundle(
        (str(clean),), clean.parent / "model", config, None, resume=False, on_epoch=lambda _record, _epochs: None
    )


def read_outcomes(file: Path | None, config: TrainingConfig) -> list[Outcome]:
    """Read what an interrupted run of the same configuration left; nothing where there is none."""
    if file is None or not file.exists():
        return []
    left = json.loads(file.read_bytes())
    if left["config_sha256"] != config.sha256():
        return []
    return [
        Outcome(**{**fields, "tests": tuple(Counted(**test) for test in fields["tests"])})
        for fields in left["false_alarms"]
    ]


def show_outcomes(outcomes: Sequence[Outcome]) -> None:
    show(
        "False alarms promised and achieved on clean rows",
        ("data", "calibrated on", "worth", "drift p", "promised", "clean rows", "worth", "false alarms", "95 % interval"),
        [outcome_row(outcome, test) for outcome in outcomes for test in outcome.tests],
        "worth: independent rows, for which threshold and interval are set; promised: certified, on average, or (none)",
    )  # fmt: skip


def outcome_row(outcome: Outcome, test: Counted) -> tuple[str, ...]:
    """Write one line of the table."""
    low, high = test.interval
    origin = "out of fold" if outcome.method == "cross_fitted" else "held out"
    firmly = "(none)" if "not promised" in outcome.promised else "on average" if outcome.refusal else "certified"
    return (
        test.test,
        f"{outcome.calibration_rows:,} {origin}",
        f"{outcome.effective:,}",
        "" if outcome.drift_p_value is None else f"{outcome.drift_p_value:.3f}",
        f"{100 * outcome.target_fpr:g}% {firmly}",
        f"{test.rows:,}",
        f"{test.effective:,}",
        f"{test.alarms / test.rows:.2%}",
        f"{low:.2%} to {high:.2%}",
    )
