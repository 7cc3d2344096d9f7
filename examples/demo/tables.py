"""What was found, as tables for a terminal of 100 columns or more."""

import math
from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np
from rich.box import SIMPLE_HEAD
from rich.table import Table
from rich.text import Text

from examples.demo.client import Judgement, Model
from examples.demo.labelled import SUSTAINED, Episode, Labelled, first_sustained

STYLES = {"normal": "green", "review": "yellow", "anomaly": "bold red", "invalid": "bold magenta"}
SHOWN_CLEAN = 3
SHOWN_OF_EPISODE = (0.1, 0.5, 0.9)  # which of its rows: settled beforehand, not picked by their scores
BAR = 14


def sample_table(test: Labelled, judgements: Sequence[Judgement], dead: Judgement, model: Model) -> Table:
    """Show some samples of every kind, and ``dead``, the answer for one with a missing value."""
    timed = any(episode.minutes is not None for episode in test.episodes)
    table = _table("sample", *([">after"] if timed else []), "verdict", ">score", ">p-value", "given away by")
    for heading in ("reads", "expected"):
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("unit", style="dim", no_wrap=True)

    def add(kind: str, after: str, judgement: Judgement) -> None:
        table.add_row(kind, *([after] if timed else []), *_cells(judgement, model))

    clean = np.flatnonzero(~test.anomalous)
    for place, row in enumerate(clean[:: max(clean.size // SHOWN_CLEAN, 1)][:SHOWN_CLEAN].tolist()):
        add("" if place else "clean", "", judgements[row])
    for episode in test.episodes:
        table.add_section()
        for place, share in enumerate(SHOWN_OF_EPISODE):
            index = int(share * (episode.rows.size - 1))
            add("" if place else episode.name, _duration(episode, index), judgements[episode.rows[index]])
    table.add_section()
    add("dead sensor", "", dead)
    table.caption = "score: 1.00 is the threshold    p-value: the share of clean samples that score as high"
    return table


def detection_table(
    test: Labelled, judgements: Sequence[Judgement], reveals: Mapping[str, tuple[str, ...]], model: Model
) -> Table:
    """Count alarms over all rows; ``reveals`` names the sensors that should give each fault away, where that is known."""
    timed = any(episode.minutes is not None for episode in test.episodes)
    table = _table("", ">rows", ">alarms", "", *([">steady after"] if timed else []), "given away by")
    for episode in test.episodes:
        judged = [judgements[row] for row in episode.rows.tolist()]
        first, share = first_sustained(judged), _share_of_alarms(judged)
        after = [Text("never", "yellow") if first is None else Text(_duration(episode, first))] if timed else []
        named = _most_named(judged, reveals.get(episode.name, ()))
        table.add_row(episode.name, f"{len(judged):,}", f"{share:.0%}", bar(share, "red"), *after, named)
    table.add_section()
    clean = [judgements[row] for row in np.flatnonzero(~test.anomalous).tolist()]
    share = _share_of_alarms(clean)
    kept = share <= model.target_fpr
    rate = Text(f"{share:.2%}", "bold green" if kept else "bold red")
    table.add_row("clean", f"{len(clean):,}", rate, f"promised: ≤ {100 * model.target_fpr:.3g}%")
    invalid = sum(judgement.score is None for judgement in judgements)
    notes = {
        f"steady: {SUSTAINED} alarms in a row": timed,
        "✓ a sensor that the fault acts on": bool(reveals),
        f"{invalid:,} invalid rows left out": invalid > 0,
    }
    table.caption = "    ".join(note for note, holds in notes.items() if holds)
    return table


def _table(*headings: str) -> Table:
    """Begin a table; a heading that starts with > is right-aligned."""
    table = Table(box=SIMPLE_HEAD, padding=(0, 1, 0, 0), header_style="dim")
    table.caption_justify, table.caption_style = "left", "dim"
    for heading in headings:
        table.add_column(
            heading.removeprefix(">"), justify="right" if heading.startswith(">") else "left", no_wrap=True
        )
    return table


def _cells(judgement: Judgement, model: Model) -> tuple[str | Text, ...]:
    verdict = Text(judgement.verdict, STYLES[judgement.verdict])
    if judgement.score is None or judgement.p_value is None:
        return verdict, "", "", (judgement.reason or "").partition(": ")[2]
    ratio = judgement.score / model.threshold
    score = f"{ratio:.2f}" if ratio < 100 else f"{ratio:,.0f}"
    p_value = f"{judgement.p_value:.3f}" if judgement.p_value >= 0.0005 else "<0.001"
    suspect = judgement.suspect
    if suspect is None or not judgement.is_alarm:
        return verdict, score, p_value
    # As many decimals as it takes to tell the two apart by two digits.
    apart = abs(suspect.observed - suspect.expected)
    decimals = min(max(1 - math.floor(math.log10(apart)), 0), 4) if apart > 0 else 4
    reads, expected = f"{suspect.observed:.{decimals}f}", f"{suspect.expected:.{decimals}f}"
    return verdict, score, p_value, suspect.feature, reads, expected, model.units[suspect.feature]


def _most_named(judged: Sequence[Judgement], acted_on: tuple[str, ...]) -> Text:
    names = [judgement.suspect.feature for judgement in judged if judgement.is_alarm and judgement.suspect]
    if not names:
        return Text("")
    [(name, count)] = Counter(names).most_common(1)
    return Text.assemble(name, (f"  in {count / len(names):.0%}", "dim"), ("  ✓" if name in acted_on else "", "green"))


def _share_of_alarms(judged: Sequence[Judgement]) -> float:
    valid = [judgement for judgement in judged if judgement.score is not None]
    return sum(judgement.is_alarm for judgement in valid) / len(valid) if valid else 0.0


def _duration(episode: Episode, index: int) -> str:
    if episode.minutes is None:
        return ""
    hours, minutes = divmod(round(episode.minutes[index]), 60)
    return f"{hours}:{minutes:02} h"


def bar(share: float, style: str) -> Text:
    """Draw a share of 1 as a bar."""
    full = round(share * BAR)
    return Text.assemble(("━" * full, style), ("─" * (BAR - full), "bright_black"))
