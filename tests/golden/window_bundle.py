"""Where the committed bundle of a window model lies, and the kind of series it was trained on."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

WINDOW_BUNDLE = Path(__file__).with_name("window_models") / "press" / "1"
CHANNELS = ("force", "travel", "temperature")
STEPS = 8
INTERVAL = 0.5  # seconds


def strokes(rows: int, seed: int = 0) -> NDArray[np.float64]:
    """Simulate a press: force and travel of strokes of sixteen steps, and a temperature that follows slowly, [rows, 3]."""
    rng = np.random.default_rng(seed)
    phase = 2 * np.pi * np.arange(rows) / 16
    force = 40 + 25 * np.sin(phase) + rng.normal(0, 1, rows)
    travel = 12 + 6 * np.cos(phase) + rng.normal(0, 0.2, rows)
    temperature = 55 + 0.05 * np.convolve(force - 40, np.ones(8) / 8, mode="same") + rng.normal(0, 0.1, rows)
    return np.column_stack([force, travel, temperature])
