"""What the tests' little pump measures, without torch: four features, two hidden causes."""

import numpy as np
from numpy.typing import NDArray

from model.features import Feature

FEATURES = (
    Feature(name="pressure", unit="bar", low=0, high=20),
    Feature(name="flow", unit="m3/h"),
    Feature(name="temperature", unit="degC", low=-40, high=200),
    Feature(name="current", unit="A"),
)
LOCATION = np.array([8.0, 120.0, 45.0, 11.0])
SCALE = np.array([0.5, 6.0, 2.0, 0.8])


def clean_rows(count: int, seed: int = 0) -> NDArray[np.float64]:
    """Draw clean samples [count, 4]: two hidden causes, four readings, a little noise."""
    rng = np.random.default_rng(seed)
    causes = rng.normal(size=(count, 2))
    mixing = np.array([[1.0, 0.8, 0.1, 0.9], [0.0, 0.5, 1.0, -0.4]])
    rows: NDArray[np.float64] = LOCATION + SCALE * (causes @ mixing + 0.1 * rng.normal(size=(count, 4)))
    return rows
