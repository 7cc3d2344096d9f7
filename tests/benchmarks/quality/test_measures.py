import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.metrics import roc_curve

from benchmarks.quality.measures import detection_rate, measure


@pytest.mark.parametrize("seed", range(20))
def test_the_detection_rate_is_the_best_of_all_lines_within_one_false_alarm_in_a_hundred(seed: int) -> None:
    rng = np.random.default_rng(seed)
    anomalous = rng.random(rng.integers(50, 900)) < 0.2
    scores: NDArray[np.float64] = rng.normal(size=anomalous.size) + 1.5 * anomalous
    scores = scores.round(seed % 3)  # with ties
    false_positives, true_positives, _ = roc_curve(anomalous, scores, drop_intermediate=False)
    assert detection_rate(scores, anomalous) == pytest.approx(true_positives[false_positives <= 0.01].max())


def test_a_perfect_ranking_gets_one_everywhere_and_a_constant_score_finds_nothing() -> None:
    anomalous = np.arange(300) >= 250
    perfect = measure(np.arange(300.0), anomalous)
    assert (perfect.auroc, perfect.average_precision, perfect.detection_rate) == (1, 1, 1)
    constant = measure(np.zeros(300), anomalous)
    assert (constant.auroc, constant.detection_rate) == (0.5, 0)
    assert constant.average_precision == pytest.approx(50 / 300)
