"""A sample explained in full: what each sensor should have read, which of them are off, and what it is near to.

All of it is asked of ``scorer.onnx`` and of what the bundle keeps of clean data. F: features.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model.explanation import Explanation
from model.features import FeatureSpec
from model.put_right import Imputer, put_right
from model.raw_scorer import RawScorer
from model.sketch import Neighbour, Sketch

Array = NDArray[np.float64]

NEIGHBOURS = 3


@dataclass(frozen=True)
class Reading:
    """What one sensor, ``feature`` by its column, should have read, given all others.

    ``interval`` holds the true reading in the share of cases that the bundle states, where the others are right; it is
    None where the bundle has none. ``fall`` is how much less the sample would score with this reading put right.
    """

    feature: int
    imputed: float
    interval: tuple[float, float] | None
    fall: float


@dataclass(frozen=True)
class FullExplanation:
    """Why a sample scores as it does.

    ``readings`` are those most suspected, the one whose correction lets the score fall furthest first. ``put_right``
    gives few features values with which the sample scores ``score_put_right``, at most the threshold if they suffice;
    there are none for a sample that scores so little as it is.
    """

    readings: tuple[Reading, ...]
    put_right: dict[int, float]
    score_put_right: float
    nearest: list[Neighbour]


class Explainer:
    """Explain samples by one bundle. Thread-safe."""

    def __init__(
        self, raw: RawScorer, threshold: float, spec: FeatureSpec, explanation: Explanation, sketch: Array | None
    ) -> None:
        self.coverage, self._threshold, self._spec = explanation.coverage, threshold, spec
        clean = explanation.readings
        low, high = np.array([of.low for of in clean]), np.array([of.high for of in clean])
        self._imputer, self._half_widths = Imputer(raw, low, high), [of.half_width for of in clean]
        scale = np.array([of.scale for of in clean])
        self._sketch = None if sketch is None else Sketch(sketch, explanation.sketch_places, scale)

    def explain(self, sample: Array) -> FullExplanation:
        """Explain one valid ``sample`` [F], in engineering units."""
        fixed = self.put_right(sample)
        corrected = sample.copy()
        corrected[list(fixed)] = list(fixed.values())
        nearest = self._sketch.nearest(sample, NEIGHBOURS, without=list(fixed)) if self._sketch else []
        return FullExplanation(self._readings(sample), fixed, self._imputer.score(corrected), nearest)

    def put_right(self, sample: Array) -> dict[int, float]:
        """Find the few features of one valid ``sample`` [F], and their values, that take its alarm away; see ``put_right``."""
        return put_right(self._imputer, sample, self._threshold)

    def _readings(self, sample: Array) -> tuple[Reading, ...]:
        features = self._imputer.suspects(sample)
        imputed = self._imputer.impute(sample, features)
        fall = np.maximum(self._imputer.score(sample) - imputed.score, 0.0)
        order = np.argsort(-fall, kind="stable")
        return tuple(
            Reading(feature, value, self._interval(feature, value), less)
            for feature, value, less in zip(
                features[order].tolist(), imputed.value[order].tolist(), fall[order].tolist(), strict=True
            )
        )

    def _interval(self, feature: int, value: float) -> tuple[float, float] | None:
        half_width = self._half_widths[feature]
        if half_width is None:
            return None
        low, high = self._spec.lows[feature], self._spec.highs[feature]
        return float(max(value - half_width, low)), float(min(value + half_width, high))
