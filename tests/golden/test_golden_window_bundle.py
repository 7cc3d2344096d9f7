"""The committed window bundle stays readable and answers here as it must, without torch."""

import numpy as np

from model.bundle import read_bundle
from model.scorer import ANOMALY, NORMAL, Scorer
from model.series.segments import find_segments
from model.series.windows import Windows, window_ends
from tests.golden.window_bundle import CHANNELS, STEPS, WINDOW_BUNDLE, strokes


def test_it_is_read_and_its_golden_samples_score_as_they_must() -> None:
    bundle = read_bundle(WINDOW_BUNDLE)
    assert bundle.manifest.form.shape == (STEPS, len(CHANNELS))
    Scorer(bundle).check_golden()


def test_most_clean_windows_are_normal_and_a_stuck_force_is_found() -> None:
    scorer = Scorer(read_bundle(WINDOW_BUNDLE))
    rows = strokes(500, seed=7)
    stuck = rows.copy()
    stuck[200:, 0] = stuck[200, 0]
    segments = find_segments(None, None, np.ones(500, dtype=bool), 1.0)
    ends = window_ends(segments, STEPS)
    clean, faulty = (scorer.score(Windows(values, ends, STEPS)[:]).verdict for values in (rows, stuck))
    assert (clean == NORMAL).mean() > 0.85
    assert (faulty[ends > 200 + STEPS] == ANOMALY).mean() > 0.9
