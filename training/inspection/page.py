"""An inspection as a page: self-contained, in the report's style."""

from pathlib import Path

import numpy as np
from jinja2 import Environment, PackageLoader, StrictUndefined

from model.output_file import write_whole
from model.threshold import Verdict
from training.inspection.model_card import ModelCard
from training.inspection.samples import JudgedSamples
from training.inspection.screen import values
from training.inspection.words import SHOWN, counted, put_right_words, rarity_words, score_words
from training.report.inline_svg import PALETTE
from training.report.score_plots import Group, Lines, score_distribution
from training.report.typography import count, elided, percent, quantity


def write_page(target: Path, card: ModelCard, judged: JudgedSamples | None) -> None:
    """Write ``target``, whole or not at all.

    Raises:
        InputError: it is already there, or cannot be written.
    """
    write_whole(target, render_page(card, judged))


def render_page(card: ModelCard, judged: JudgedSamples | None) -> bytes:
    """Return the page in UTF-8: the same bytes for the same bundle and samples."""
    environment = Environment(
        loader=PackageLoader("training", ""),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {function.__name__: function for function in (count, elided, percent, quantity)}
    content = {
        "card": card,
        "judged": judged,
        "counted": counted(judged.verdicts) if judged else "",
        "above": int((card.calibration > card.threshold.value).sum()),
        "samples": _samples(card, judged) if judged else [],
        "shown": SHOWN,
        "scores": _scores(card, judged),
    }
    return environment.get_template("inspection/page.html").render(content).encode()


def _samples(card: ModelCard, judged: JudgedSamples) -> list[dict[str, object]]:
    spread = {feature.name: float(value) for feature, value in zip(card.features, card.spread, strict=True)}
    return [
        {
            "sample": sample,
            "figures": ()
            if sample.verdict == Verdict.INVALID
            else (score_words(sample, card), rarity_words(sample, card)),
            "rows": [(reading, *values(reading, spread[reading.feature])) for reading in sample.readings[:SHOWN]],
            "largest": max((reading.share for reading in sample.readings), default=0) or 1,
            "put_right": put_right_words(sample, card),
            "hidden": len(sample.readings[SHOWN:]),
            "hidden_share": sum(reading.share for reading in sample.readings[SHOWN:]),
        }
        for sample in judged.shown
    ]


def _scores(card: ModelCard, judged: JudgedSamples | None) -> str:
    groups = [Group("clean, calibration", card.calibration, PALETTE["normal"])]
    if judged is not None and judged.scores.size:
        groups.append(Group("these samples", np.asarray(judged.scores), PALETTE["ink"], "--"))
    review = card.review.value if card.review else None
    return score_distribution(tuple(groups), Lines(card.threshold.value, review, card.threshold.target_fpr))
