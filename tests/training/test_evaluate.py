import numpy as np
import pytest

from training.evaluate import evaluate

SCORES = np.array([1.0, 2.0, 3.0, 4.0, 5.0, 6.0])
ANOMALOUS = np.array([False, False, True, False, True, True])


def test_alarms_are_counted_strictly_above_the_threshold() -> None:
    figures = evaluate(SCORES, ANOMALOUS, threshold=4.0)
    assert (figures.clean_rows, figures.false_alarms, figures.anomalous_rows, figures.detected) == (3, 0, 3, 2)
    assert figures.detection_rate == pytest.approx(2 / 3)


def test_auroc_is_the_share_of_pairs_in_the_right_order() -> None:
    assert evaluate(SCORES, ANOMALOUS, 4.0).auroc == pytest.approx(8 / 9)


def test_the_interval_of_no_alarm_in_300_is_the_rule_of_three() -> None:
    figures = evaluate(np.zeros(300), np.zeros(300, dtype=bool), 1.0)
    assert figures.false_alarm_interval[0] == 0
    assert figures.false_alarm_interval[1] == pytest.approx(1 - 0.025 ** (1 / 300))


def test_one_kind_of_row_alone_has_no_ranking() -> None:
    figures = evaluate(SCORES, np.zeros(6, dtype=bool), 4.0)
    assert figures.auroc is None
    assert figures.average_precision is None
    assert figures.detection_interval == (0.0, 1.0)
    assert figures.false_alarm_rate == pytest.approx(2 / 6)
