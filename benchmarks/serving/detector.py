"""The detector that every server serves: a small VAE of made-up clean data, trained by the real command."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.process import require_success, run, script
from model.manifest import ScoreKind

FEATURES, CAUSES, ROWS = 32, 6, 6000
SEED = 0
RESOLUTION = 16.0  # steps of a unit, as of a converter: four decimals at most, and exact in float32
CONFIG = """\
[vae]
hidden = [128, 64]
latent_size = 8

[fit]
steps = 1500
learning_rate = 3e-3

[split]
by = "random"

[suspects]
folds = 0
"""


def train_detector(folder: Path, score: ScoreKind) -> Path:
    """Train a detector 32-128-64-8-64-128-32 below ``folder`` and return its bundle; one trained there before is returned as it is.

    Raises:
        MeasurementError: the training run failed.
    """
    model = folder / f"small_{score}"
    if (model / "1").is_dir():
        return model / "1"
    folder.mkdir(parents=True, exist_ok=True)
    np.savez(folder / "clean.npz", X=clean_rows(ROWS, SEED))
    (folder / "train.toml").write_text(CONFIG, "utf-8")
    line = [script("plumbline-train"), str(folder / "clean.npz"), "--out", str(model)]
    finished = run([*line, "--config", str(folder / "train.toml"), "--score", score, "--seed", str(SEED)])
    require_success(finished, "plumbline-train")
    return Path(finished.last_line)


def clean_rows(rows: int, seed: int) -> NDArray[np.float64]:
    """Draw readings [rows, 32] of sensors that a few hidden causes move, each with its own level, gain and noise."""
    rng = np.random.default_rng(SEED)  # the plant stays the same, whatever is drawn of it
    levels, gains = rng.uniform(20, 90, FEATURES), rng.normal(size=(CAUSES, FEATURES)) * rng.uniform(2, 6, FEATURES)
    causes = np.random.default_rng(seed).normal(size=(rows, CAUSES))
    noise = np.random.default_rng([seed, 1]).normal(size=(rows, FEATURES))
    return np.asarray(np.round((levels + np.tanh(causes) @ gains + noise) * RESOLUTION) / RESOLUTION)
