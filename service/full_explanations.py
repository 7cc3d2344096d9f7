"""Samples explained in full: what their sensors should have read, which of them are off, and what is near."""

import numpy as np
from numpy.typing import NDArray

from model.explainer import Explainer, FullExplanation
from model.features import FeatureSpec
from service.answers import InFull


def explained_in_full(sample: NDArray[np.float64], explainer: Explainer, spec: FeatureSpec) -> InFull:
    """Explain one valid ``sample`` [F], in the form of an answer."""
    found: FullExplanation = explainer.explain(sample)
    names = spec.names
    return {
        "readings": [
            {
                "feature": names[reading.feature],
                "observed": float(sample[reading.feature]),
                "imputed": reading.imputed,
                "interval": None if reading.interval is None else list(reading.interval),
                "fall": reading.fall,
            }
            for reading in found.readings
        ],
        "interval_coverage": explainer.coverage,
        "put_right": [
            {"feature": names[feature], "observed": float(sample[feature]), "imputed": value}
            for feature, value in found.put_right.items()
        ],
        "score_put_right": found.score_put_right,
        "nearest": [
            {"place": near.place, "distance": near.distance, "sample": near.sample.tolist()} for near in found.nearest
        ],
    }
