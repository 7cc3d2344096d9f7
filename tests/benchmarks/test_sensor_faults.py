import numpy as np
import pytest

from benchmarks.sensor_faults import RIGHT, Naming, name_faults, together
from model.bundle import read_bundle
from model.scorer import Scorer
from tests.golden.bundle import GOLDEN_BUNDLE
from tests.samples import clean_rows


def test_large_faults_of_a_trained_detector_are_named_rightly() -> None:
    scorer = Scorer(read_bundle(GOLDEN_BUNDLE))
    found = name_faults(scorer, clean_rows(30), "bias", 5, np.random.default_rng(0))
    assert found.rows == 48
    assert len(found.alarms) > 40
    assert found.alarms[:, :3].mean() > 0.9
    assert found.alarms[:, 3].mean() > 0.8


def test_together_every_alarm_counts_once() -> None:
    one = Naming("a", 10, np.ones((3, len(RIGHT)), dtype=bool))
    two = Naming("b", 10, np.zeros((1, len(RIGHT)), dtype=bool))
    assert together([one, two]).cells()[1:4] == ("20", "20.0%", "75.0%")


@pytest.mark.parametrize("alarms", [1, 4])
def test_a_line_has_a_cell_for_each_share(alarms: int) -> None:
    assert len(Naming("a", 10, np.ones((alarms, len(RIGHT)), dtype=bool)).cells()) == 3 + len(RIGHT)
