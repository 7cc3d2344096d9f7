"""Verdicts on the time axis: the drawing shows what the alternative text says."""

import numpy as np

from training.report.series_plot import SHOWN, JudgedSeries, series_plot

NAMES = tuple(f"c{channel}" for channel in range(SHOWN + 2))


def judged(score: list[float], anomalous: list[bool]) -> JudgedSeries:
    values = np.arange(len(score) * len(NAMES), dtype=np.float64).reshape(len(score), len(NAMES))
    return JudgedSeries(NAMES, values, np.array(score), 1.0, np.array(anomalous))


def shaded(svg: str) -> int:
    return svg.count("fill: var(--anomaly); opacity: 0.18")


def test_it_says_in_words_how_many_steps_alarm_and_are_labelled() -> None:
    svg = series_plot("series", judged([0.5, 2.0, 2.0, 1.0, 3.0], [False, True, False, False, False]), np.arange(2))
    assert "5 steps of c0, c1, and their score; 3 raise an alarm, 1 are labelled anomalous" in svg


def test_each_stretch_of_alarms_is_shaded_once_in_each_row_of_the_drawing() -> None:
    quiet = series_plot("series", judged([0.5] * 6, [False] * 6), np.arange(2))
    loud = series_plot("series", judged([0.5, 2.0, 2.0, 0.5, 0.5, 3.0], [False] * 6), np.arange(2))
    assert shaded(quiet) == 0
    assert shaded(loud) == 2 * 3


def test_only_the_first_channels_are_drawn_in_the_order_given() -> None:
    svg = series_plot("series", judged([0.5, 2.0], [False, False]), np.arange(len(NAMES))[::-1])
    assert f"2 steps of {', '.join(NAMES[: -SHOWN - 1 : -1])}, and" in svg
