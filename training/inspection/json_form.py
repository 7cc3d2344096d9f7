"""An inspection as JSON values; samples in the form that the API answers with."""

import math

from pydantic import JsonValue

from model.bundle import Bundle
from training.inspection.model_card import ModelCard
from training.inspection.samples import JudgedSample, JudgedSamples


def inspection_json(bundle: Bundle, card: ModelCard, judged: JudgedSamples | None) -> dict[str, JsonValue]:
    """Give the manifest without its files, the promise in words, and the samples."""
    manifest: dict[str, JsonValue] = bundle.manifest.model_dump(mode="json", exclude={"files", "explanation"})
    return {
        "digest": card.digest,
        "promise": card.promised,
        "calibration": {
            "count": card.calibration.size,
            "above_threshold": int((card.calibration > card.threshold.value).sum()),
        },
        "manifest": manifest,
        "samples": None if judged is None else _samples(judged),
    }


def _samples(judged: JudgedSamples) -> dict[str, JsonValue]:
    return {
        "source": judged.source,
        "rows": judged.rows,
        "verdicts": {str(verdict): number for verdict, number in judged.verdicts.items()},
        "invalid": list(judged.invalid),
        "shown": [_sample(sample) for sample in judged.shown],
    }


def _sample(sample: JudgedSample) -> dict[str, JsonValue]:
    return {
        "place": sample.place,
        "verdict": str(sample.verdict),
        "score": _or_null(sample.score),
        "p_value": _or_null(sample.p_value),
        "severity": _or_null(sample.severity),
        "reason": sample.reason or None,
        "contributions": [
            {
                "feature": reading.feature,
                "unit": reading.unit,
                "share": reading.share,
                "observed": reading.observed,
                "expected": reading.expected,
            }
            for reading in sample.readings
        ],
    }


def _or_null(figure: float) -> float | None:
    return figure if math.isfinite(figure) else None
