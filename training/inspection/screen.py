"""A model card and verdicts taken apart, for a terminal. Whatever a file says of itself is made printable first."""

from collections.abc import Iterator

from rich import box
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from model.quoting import printable
from model.threshold import Verdict
from training.detectability import KINDS
from training.inspection.model_card import ModelCard, Section
from training.inspection.samples import JudgedSample, JudgedSamples, Reading
from training.inspection.words import SHOWN, counted, put_right_words, rarity_words, score_words
from training.report.typography import DASH, count, elided, measured, percent, quantity

COLOURS = {Verdict.NORMAL: "green", Verdict.REVIEW: "yellow", Verdict.ANOMALY: "bold red", Verdict.INVALID: "magenta"}
BAR = 24
MOST_FEATURES = 40


def card_screen(card: ModelCard) -> RenderableType:
    """Lay out the model card."""
    title = Text.assemble((f"{card.name}, version {card.version}", "bold"), f"  made {printable(card.created_at)}")
    parts = [_section(section) for section in card.sections]
    return Group(title, Text(card.promised), *parts, *_limits(card), _features(card))


def samples_screen(samples: JudgedSamples, card: ModelCard) -> RenderableType:
    """Lay out how the samples of a file were judged, and those taken apart."""
    title = Text.assemble(
        (printable(samples.source), "bold"), f"  {count(samples.rows, 'row')}: ", counted(samples.verdicts)
    )
    invalid = [Text(f"  {printable(sentence)}", style="magenta") for sentence in samples.invalid]
    return Group(Rule(style="dim"), title, *invalid, *(_sample(sample, card) for sample in samples.shown))


def _section(section: Section) -> RenderableType:
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0), pad_edge=False)
    table.add_column(style="dim", max_width=36)
    table.add_column(overflow="fold")
    for label, value in section.facts:
        table.add_row(Text(printable(label)), Text(printable(value)))
    return Group(_heading(section.title), Padding(table, (0, 0, 0, 2)))


def _limits(card: ModelCard) -> Iterator[RenderableType]:
    """Lay out from which size on each kind of fault is found, the blindest sensors first."""
    if card.detectability is None or card.limits is None:
        return
    yield _heading("What it finds")
    yield Text(f"  {printable(card.limits.extremes)}")
    found = f"  Smallest fault found in {percent(card.detectability.share)} of samples"
    sure = f", with {percent(card.detectability.confidence)} confidence" if card.detectability.confidence else ""
    yield Text(f"{found}{sure}; {DASH} is not found:", style="dim")
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, header_style="dim")
    table.add_column("sensor")
    for kind in KINDS:
        table.add_column("decorr." if kind == "decorrelation" else kind, justify="right")
    for name, cells in card.limits.rows[:MOST_FEATURES]:
        table.add_row(Text(printable(elided(name, 32))), *(Text(printable(cell.text)) for cell in cells))
    yield Padding(table, (0, 0, 0, 2))


def _features(card: ModelCard) -> RenderableType:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, header_style="dim")
    for name, side in (("feature", "left"), ("unit", "left"), ("lowest valid", "right"), ("highest valid", "right")):
        table.add_column(name, justify="right" if side == "right" else "left")
    for feature in card.features[:MOST_FEATURES]:
        low, high = (DASH if bound is None else f"{bound:,.6g}" for bound in (feature.low, feature.high))
        table.add_row(Text(printable(elided(feature.name))), Text(printable(feature.unit)), low, high)
    more = len(card.features) - MOST_FEATURES
    left = [Text(f"  and {count(more)} more", style="dim")] if more > 0 else []
    return Group(_heading(f"{count(len(card.features), 'feature')}"), Padding(table, (0, 0, 0, 2)), *left)


def _sample(sample: JudgedSample, card: ModelCard) -> RenderableType:
    title = Text.assemble(
        "\n", (printable(sample.place), "bold"), "  ", (sample.verdict.value, COLOURS[sample.verdict])
    )
    if sample.verdict == Verdict.INVALID:
        return Group(title, Text(f"  {printable(sample.reason)}"))
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    for name in ("feature", "share", ""):
        table.add_column(name, no_wrap=True)
    for name in ("observed", "expected"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("", style="dim", no_wrap=True)
    for row in _rows(sample, card):
        table.add_row(*row)
    hidden = sample.readings[SHOWN:]
    left: list[RenderableType] = []
    if hidden:
        left.append(
            Text(f"  {count(len(hidden), 'other feature')}: {percent(sum(r.share for r in hidden))} in all", "dim")
        )
    left += [Padding(Text(printable(sentence)), (0, 0, 0, 2)) for sentence in put_right_words(sample, card)]
    facts = (Text(f"  {score_words(sample, card)}"), Text(f"  {rarity_words(sample, card)}"))
    return Group(title, *facts, Padding(table, (0, 0, 0, 2)), *left)


def _rows(sample: JudgedSample, card: ModelCard) -> Iterator[tuple[Text, Text, Text, str, str, Text]]:
    spread = {feature.name: float(value) for feature, value in zip(card.features, card.spread, strict=True)}
    colour = "red" if sample.verdict == Verdict.ANOMALY else "blue"
    largest = max((reading.share for reading in sample.readings), default=0) or 1
    for reading in sample.readings[:SHOWN]:
        filled = round(BAR * reading.share / largest)
        bar = Text.assemble(("━" * filled, colour), ("─" * (BAR - filled), "dim"))
        observed, expected = values(reading, spread[reading.feature])
        name, unit = Text(printable(elided(reading.feature, 32))), Text(printable(reading.unit))
        yield name, bar, Text(percent(reading.share), justify="right"), observed, expected, unit


def values(reading: Reading, spread: float) -> tuple[str, str]:
    """Set what was observed and expected to the same digits, fine enough to tell them apart."""
    apart = abs(reading.observed - reading.expected)
    finest = min(spread, 10 * apart) if apart > 0 and spread > 0 else spread
    if not finest > 0:
        return quantity(reading.observed, 6), quantity(reading.expected, 6)
    return measured(reading.observed, finest), measured(reading.expected, finest)


def _heading(title: str) -> Text:
    return Text(f"\n{title}", style="bold")
