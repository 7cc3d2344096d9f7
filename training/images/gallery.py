"""Images in the report: clean and anomalous ones, beside their heat maps."""

import base64
import html
from typing import Any

import numpy as np
from numpy.typing import NDArray

from model.images.overlay import overlay
from model.images.png import png
from training.clean_samples import CleanSamples
from training.judge import JudgedTest
from training.report.report_data import Picture
from training.served import ServedDetector

LARGEST_SIDE = 256  # pixels; larger images are shown coarser


def gallery(served: ServedDetector, clean: CleanSamples, judged: JudgedTest | None, line: float) -> tuple[Picture, ...]:
    """Show the typical and strangest clean image and, of the anomalous ones, the clearest, a typical and the faintest.

    ``line`` is the heat above which a pixel stands out.
    """
    by_score = np.argsort(served.calibration_scores, kind="stable")
    rows = by_score[[by_score.size // 2, -1]]
    shown = [
        ("typical clean image", clean.calibration[rows[:1]], served.calibration_scores[rows[0]]),
        ("strangest clean image", clean.calibration[rows[1:]], served.calibration_scores[rows[1]]),
    ]
    anomalous = np.flatnonzero(judged.anomalous) if judged else np.empty(0, dtype=np.intp)
    if judged and anomalous.size:
        ranked = anomalous[np.argsort(judged.scores[anomalous], kind="stable")]
        for title, row in (
            ("clearest anomaly", ranked[-1]),
            ("typical anomaly", ranked[ranked.size // 2]),
            ("faintest anomaly", ranked[0]),
        ):
            place = judged.place[int(row)]
            shown.append((f"{title}, {place}", judged.x[np.array([row])], judged.scores[row]))
    cells = []
    for title, image, score in shown:
        heat = served.raw.contributions(image)[0]
        found = "anomaly" if score > served.threshold.value else "normal"
        cells.append(
            f"<figure>{_tag(_small(image[0]), title)}{_tag(_small(overlay(image[0], heat, line)), f'heat map of the {title}')}"
            f"<figcaption>{html.escape(title)}: {found}, score {score:.4g}</figcaption></figure>"
        )
    caption = (
        "Beside each image what its heat map makes of it: grey where nothing stands out, warm where something does. "
        f"A score above {served.threshold.value:.4g} raises an alarm."
        + (" Pixels are judged alone; a backbone's features (--backbone) may find more." if served.raw.rebuilds else "")
    )
    return (Picture("Images and their heat maps", f'<div class="gallery">{"".join(cells)}</div>', caption),)


def _small(pixels: NDArray[Any]) -> NDArray[Any]:
    step = max(1, -(-max(pixels.shape[:2]) // LARGEST_SIDE))
    return pixels[::step, ::step]


def _tag(pixels: NDArray[Any], title: str) -> str:
    data = base64.b64encode(png(pixels)).decode()
    return f'<img src="data:image/png;base64,{data}" alt="{html.escape(title, quote=True)}">'
