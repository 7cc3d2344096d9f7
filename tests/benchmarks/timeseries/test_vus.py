"""VUS-PR against a plain transcription of its definition, step by step and threshold by threshold."""

import numpy as np
import pytest
from numpy.typing import NDArray

from benchmarks.timeseries.vus import NO_PERIOD, own_period, soften, vus_pr

Array = NDArray[np.float64]


def ranges(labels: list[bool], reach: int) -> list[tuple[int, int]]:
    """Runs of labels, widened by ``reach`` and joined where they then touch."""
    runs: list[tuple[int, int]] = []
    for step, label in enumerate(labels):
        if label and (step == 0 or not labels[step - 1]):
            runs.append((step, step))
        elif label:
            runs[-1] = (runs[-1][0], step)
    joined = [runs[0]]
    for first, last in runs[1:]:
        if joined[-1][1] + reach < first - reach:
            joined.append((first, last))
        else:
            joined[-1] = (joined[-1][0], last)
    return [(max(a - reach, 0), min(b + reach, len(labels) - 1)) for a, b in joined]


def by_definition(scores: Array, anomalous: NDArray[np.bool_], window: int) -> float:
    labels, areas = anomalous.tolist(), []
    descending = sorted(scores.tolist(), reverse=True)
    thresholds = [descending[int(place)] for place in np.linspace(0, len(labels) - 1, 250)]
    for tolerance in range(window + 1):
        soft = soften(anomalous, tolerance)
        wide = ranges(labels, tolerance // 2)
        area, recall_before, precision_before = 0.0, 0.0, 1.0
        for threshold in thresholds:
            flagged = [step for step in range(len(labels)) if scores[step] >= threshold]
            true_positives = sum(soft[step] for step in flagged)
            found = sum(any(a <= step <= b and soft[step] > 0 for step in flagged) for a, b in wide) / len(wide)
            recall = min(true_positives / ((sum(labels) + soft.sum()) / 2), 1.0) * found
            precision = true_positives / len(flagged)
            area += (recall - recall_before) * (precision + precision_before) / 2
            recall_before, precision_before = recall, precision
        areas.append(area)
    return float(np.mean(areas))


@pytest.mark.parametrize("seed", range(3))
def test_it_is_the_mean_area_over_all_tolerances(seed: int) -> None:
    rng = np.random.default_rng(seed)
    anomalous = np.zeros(60, dtype=bool)
    for start in rng.integers(0, 55, 3):
        anomalous[start : start + 4] = True
    scores = np.round(rng.normal(size=60) + anomalous, 1)  # with ties
    assert vus_pr(scores, anomalous, 7) == pytest.approx(by_definition(scores, anomalous, 7), rel=1e-12)


def test_labels_fall_off_with_the_root_of_the_distance() -> None:
    anomalous = np.array([False, False, False, True, False, False, False])
    np.testing.assert_allclose(soften(anomalous, 4), [0, *np.sqrt([0.5, 0.75]), 1, *np.sqrt([0.75, 0.5]), 0])


def test_the_label_itself_finds_everything_without_tolerance() -> None:
    anomalous = np.arange(200) // 20 % 5 == 2
    assert vus_pr(anomalous.astype(float), anomalous, 0) == pytest.approx(1.0)


def test_the_window_is_the_period_of_the_series_or_a_fixed_one() -> None:
    assert own_period(np.sin(2 * np.pi * np.arange(2000) / 50)) == 50
    assert own_period(np.arange(1000.0)) == NO_PERIOD
