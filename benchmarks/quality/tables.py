"""What is printed: a table for each figure, the honest variant, and what training took."""

from collections.abc import Callable, Mapping, Sequence

from benchmarks.quality.baselines import BASELINES
from benchmarks.quality.jobs import OURS
from benchmarks.quality.protocol import Variant
from benchmarks.quality.published import SHOWN, Published
from benchmarks.quality.sets import SMALL
from benchmarks.quality.summary import Figure, Summary, mean_of
from benchmarks.results import console, show

METHODS = (OURS, *BASELINES)
TITLES: Mapping[Figure, str] = {
    "auroc": "AUROC, %",
    "average_precision": "AUC-PR (average precision), %",
    "detection_rate": "detection rate, %, above the line that 1 % of the normal test rows exceed",
}
SECONDS_LIMIT = 60


def show_summary(summary: Summary, rows: Mapping[str, int], published: Published) -> None:
    """Print every table; ``rows`` holds the sets and the rows of their files, in order."""
    _show_auroc(summary, rows, published)
    for figure in ("average_precision", "detection_rate"):
        _show_figure(summary, rows, "published", figure)
    if any(count < SMALL for count in rows.values()):
        for figure in TITLES:
            _show_figure(summary, rows, "honest", figure)
    _show_seconds(summary)


def _show_auroc(summary: Summary, rows: Mapping[str, int], published: Published) -> None:
    """Print our AUROC and that of the baselines, beside published ones (with a star) where a set has any."""
    measured = _figures(summary, rows, "published", "auroc")
    shown = any(name in published.auroc for name in rows)

    def of(name: str) -> list[float | None]:
        best = published.best(name)
        others = [*(published.of(name, method) for method in SHOWN), best[0] if best else None]
        return [*measured(name), *(others if shown else [])]

    lines, means = [_line(name, rows, of(name)) for name in rows], _means(rows, of)
    headings: tuple[str, ...] = ("set", "rows", *METHODS)
    notes = []
    if shown:
        headings = (*headings, *(f"{method}*" for method in SHOWN), "best*", "by")
        by = [best[1] if (best := published.best(name)) else "" for name in rows]
        lines = [(*line, method) for line, method in zip(lines, by, strict=True)]
        means = [(*line, "") for line in means]
        notes.append("* published. best*: the best of all published methods, another one for each set.")
    if single := published.best_single(rows):
        notes.append(f"The best single published method over these sets: {single[1]} {single[0]:.2f}.")
    if spread := mean_of(summary.spread(name, "published", OURS, "auroc") for name in rows):
        notes.append(f"Standard deviation of ours over seeds, mean of sets: {spread:.2f}.")
    show(f"{TITLES['auroc']}, published protocol", headings, [*lines, *means], " ".join(notes))


def _show_figure(summary: Summary, rows: Mapping[str, int], variant: Variant, figure: Figure) -> None:
    of = _figures(summary, rows, variant, figure)
    names = [name for name in rows if variant == "published" or rows[name] < SMALL]
    lines = [_line(name, rows, of(name)) for name in names]
    means = _means(rows, of)
    title = "published protocol" if variant == "published" else "honest: small sets as they are, no row drawn twice"
    show(f"{TITLES[figure]}, {title}", ("set", "rows", *METHODS), [*lines, *means])


def _figures(
    summary: Summary, rows: Mapping[str, int], variant: Variant, figure: Figure
) -> Callable[[str], list[float | None]]:
    """Look up a line of figures; the variants differ in small sets alone, and only these are measured twice."""

    def of(name: str) -> list[float | None]:
        measured: Variant = variant if rows[name] < SMALL else "published"
        return [summary.mean(name, measured, method, figure) for method in METHODS]

    return of


def _means(rows: Mapping[str, int], of: Callable[[str], list[float | None]]) -> list[tuple[str, ...]]:
    larger = [name for name in rows if rows[name] >= SMALL]
    groups = {f"mean of {len(rows)}": list(rows)}
    if 0 < len(larger) < len(rows):
        groups[f"mean of {len(larger)} larger"] = larger
    return [
        (title, "", *(_words(mean_of(column)) for column in zip(*(of(name) for name in names), strict=True)))
        for title, names in groups.items()
    ]


def _line(name: str, rows: Mapping[str, int], figures: Sequence[float | None]) -> tuple[str, ...]:
    return (name, f"{rows[name]:,}", *map(_words, figures))


def _words(figure: float | None) -> str:
    return "" if figure is None else f"{figure:.2f}"


def _show_seconds(summary: Summary) -> None:
    seconds = summary.training_seconds(OURS)
    if not seconds:
        return
    longest = max(seconds, key=lambda name: seconds[name][0])
    mean = sum(wall for wall, _ in seconds.values()) / len(seconds)
    console.print(
        f"\ntraining {OURS}, the longest run of each set: mean {mean:.1f} s, most {seconds[longest][0]:.1f} s on {longest} "
        f"({seconds[longest][1]:.1f} s of processor time)"
    )
    slow = [
        f"{name} ({wall:.0f} s, processor {cpu:.0f} s)" for name, (wall, cpu) in seconds.items() if wall > SECONDS_LIMIT
    ]
    if slow:
        console.print(f"longer than {SECONDS_LIMIT} s: {', '.join(slow)}", style="yellow", soft_wrap=True)
