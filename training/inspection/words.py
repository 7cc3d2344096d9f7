"""A sample's verdict in words: how far beyond the threshold, and how rare among clean samples."""

from model.features import Feature
from model.threshold import Verdict
from training.inspection.model_card import ModelCard
from training.inspection.samples import JudgedSample
from training.report.typography import count, elided, measured, quantity

SHOWN = 8  # features; the others are summed up


def score_words(sample: JudgedSample, card: ModelCard) -> str:
    """Hold the score against the threshold."""
    threshold = card.threshold.value
    severity = "above 0.999" if 0.9995 <= sample.severity < 1 else f"{sample.severity:.3f}"
    times = f", {quantity(sample.score / threshold, 2)} times the threshold" if threshold > 0 else ", the threshold"
    return f"score {quantity(sample.score, 4)}{times} of {quantity(threshold, 4)}; severity {severity}"


def rarity_words(sample: JudgedSample, card: ModelCard) -> str:
    """Say what the p-value means."""
    n = card.calibration.size
    higher = round(sample.p_value * (n + 1)) - 1
    if higher == 0:
        return f"p-value {quantity(sample.p_value, 2)}: none of {count(n, 'calibration sample')} scores as high"
    verb = "scores" if higher == 1 else "score"
    return f"p-value {quantity(sample.p_value, 2)}: {count(higher)} of {count(n, 'calibration sample')} {verb} as high"


def put_right_words(sample: JudgedSample, card: ModelCard) -> tuple[str, ...]:
    """Say which readings, put right, would let the sample pass, and which clean samples it is near to."""
    if sample.full is None:
        return ()
    intervals = {reading.feature: reading.interval for reading in sample.full.readings}
    said = []
    if sample.full.put_right:
        fixes = [
            _at(card.features[feature], value, intervals.get(feature), float(card.spread[feature]))
            for feature, value in sample.full.put_right.items()
        ]
        outcome = "normal" if sample.full.score_put_right <= card.threshold.value else "still an anomaly"
        said.append(
            f"Put right: with {'; '.join(fixes)} it would score {quantity(sample.full.score_put_right, 3)}, {outcome}"
        )
    if sample.full.nearest:
        near = ", ".join(f"{one.place} ({quantity(one.distance, 2)})" for one in sample.full.nearest)
        said.append(f"Nearest clean samples, in spreads by the other features: {near}")
    return tuple(said)


def _at(feature: Feature, value: float, interval: tuple[float, float] | None, spread: float) -> str:
    unit = f" {feature.unit}" if feature.unit else ""
    between = f" ({measured(interval[0], spread)} to {measured(interval[1], spread)})" if interval else ""
    return f"{elided(feature.name)} at {measured(value, spread)}{unit}{between}"


def counted(verdicts: dict[Verdict, int]) -> str:
    """List how many samples got each verdict."""
    return ", ".join(f"{count(number)} {verdict}" for verdict, number in verdicts.items() if number)
