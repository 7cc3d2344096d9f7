from pathlib import Path

import numpy as np
import orjson

from benchmarks.serving_load import POINTS, Figures, median_figures, write_bodies


def test_each_figure_gets_its_own_median_over_the_rounds() -> None:
    rounds = [Figures(100, 1.0, 30.0, 500), Figures(300, 3.0, 10.0, 700), Figures(200, 2.0, 20.0, 900)]
    assert median_figures(rounds) == Figures(rate=200, p50_ms=2.0, p99_ms=20.0, cpu_us=700)


def test_the_bodies_hold_the_first_samples_to_the_bit(tmp_path: Path) -> None:
    x = np.random.default_rng(0).normal(size=(300, 3))
    bodies = write_bodies(x, tmp_path)
    assert set(bodies) == {point.samples for point in POINTS}
    for count, file in bodies.items():
        assert orjson.loads(file.read_bytes()) == {"samples": x[:count].tolist()}
