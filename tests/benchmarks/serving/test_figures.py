import pytest

from benchmarks.serving.figures import Figures, median_figures, median_ratio


def test_each_figure_gets_its_own_median_over_the_rounds() -> None:
    rounds = [Figures(100, 1.0, 30.0, 500, 0.1), Figures(300, 3.0, 10.0, 700, 0.3), Figures(200, 2.0, 20.0, 900, 0)]
    assert median_figures(rounds) == Figures(rate=200, p50_ms=2.0, p99_ms=20.0, cpu_us=700, others=0.1)


def test_servers_are_compared_within_a_round_so_a_slow_round_of_both_changes_nothing() -> None:
    theirs = [Figures(100, 1, 1, 10, 0), Figures(10, 10, 10, 10, 0), Figures(90, 1, 1, 10, 0)]
    ours = [Figures(200, 1, 1, 5, 0), Figures(20, 5, 10, 5, 0), Figures(270, 1, 1, 5, 0)]
    assert median_ratio(ours, theirs, "rate") == 2
    assert median_ratio(ours, theirs, "cpu_us") == pytest.approx(0.5)
