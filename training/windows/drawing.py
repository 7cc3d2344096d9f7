"""Verdicts of windows drawn on the time axis, for the report."""

import numpy as np
from numpy.typing import NDArray

from model.features import FeatureSpec
from model.sample_form import SampleSet
from training.report.report_data import Picture
from training.report.series_plot import JudgedSeries, series_plot
from training.served import ServedDetector

MOST_STEPS = 3000  # drawn; about as many as a page has room for
EXPLAINED = 200  # windows that say which channels to show


def drawn_verdicts(
    served: ServedDetector,
    spec: FeatureSpec,
    windows: SampleSet,
    scores: NDArray[np.float64],
    anomalous: NDArray[np.bool_],
    called: str,
) -> tuple[Picture, ...]:
    """Draw the stretch of ``windows`` around their highest score, with ``scores`` [n] and labels [n]; each is its last step."""
    centre = int(np.argmax(scores))
    start = int(np.clip(centre - MOST_STEPS // 2, 0, max(len(scores) - MOST_STEPS, 0)))
    stretch = np.arange(start, min(start + MOST_STEPS, len(scores)))
    highest = stretch[np.argsort(-scores[stretch], kind="stable")[:EXPLAINED]]
    given_away = served.raw.contributions(windows[np.sort(highest)]).sum(axis=(0, 1))
    judged = JudgedSeries(
        names=spec.names,
        values=np.concatenate([windows[part][:, -1] for part in np.array_split(stretch, max(1, stretch.size // 500))]),
        score=scores[stretch],
        threshold=served.threshold.value,
        anomalous=anomalous[stretch],
    )
    drawing = series_plot("series", judged, np.argsort(-given_away, kind="stable"))
    caption = (
        f"{stretch.size:,} steps of the {called} data around the highest score, the channels that add most to it on top. Shaded: "
        "a step whose window scores above the threshold."
        + (" The black bar marks what is labelled anomalous." if judged.anomalous.any() else "")
    )
    return (Picture("Verdicts in time", drawing, caption),)
