"""Figures as tables: one for each kind of request, one for start and memory; then what is missing, and the targets."""

import statistics
from collections.abc import Sequence

from benchmarks.results import console, show
from benchmarks.serving.comparison import Comparison
from benchmarks.serving.kinds import CONNECTIONS, KINDS, Kind
from benchmarks.serving.outcome import Outcome
from benchmarks.serving.rivals import FASTAPI, TRITON
from benchmarks.serving.runner import DISTURBED
from benchmarks.serving.targets import Target

ALONE, SOME, MOST = CONNECTIONS
HEADINGS = (
    "server",
    f"requests/s, {ALONE}",
    str(SOME),
    str(MOST),
    f"p50 {ALONE}, ms",
    f"p99 {SOME}, ms",
    f"p99 {MOST}, ms",
    f"CPU {MOST}, us",
    "to FastAPI",
    "to Triton",
)


def show_outcomes(comparison: Comparison) -> None:
    """Print what was measured, and why where it was not."""
    outcomes, plan = comparison.outcomes, comparison.plan
    for kind in KINDS:
        rows = [_row(one, kind, outcomes) for one in outcomes if one.at(kind, MOST)]
        if rows:
            title = f"{kind.name}, over {ALONE}, {SOME} and {MOST} connections; "
            show(title + f"medians of {plan.rounds} rounds of {plan.seconds} s", HEADINGS, rows)
    console.print(f"CPU: of all of a server's processes, per request; to: requests/s over {MOST}", style="dim")
    others = statistics.median(at.figures.others for one in outcomes for at in one.points)
    busy = "; wall-clock figures are worth little" if others > DISTURBED else ""
    console.print(f"others used {others:.2f} cores meanwhile{busy}", style="yellow" if busy else "dim")
    show(
        "Start and memory, medians",
        ("server", "start to ready, s", "resident after the load, MiB"),
        [(one.name, f"{one.start_seconds:.2f}", f"{one.resident_mib:.0f}") for one in outcomes],
    )
    for one in comparison.missing:
        console.print(f"{one.name}: not measured, {one.reason}", style="yellow", soft_wrap=True, markup=False)


def show_targets(targets: Sequence[Target]) -> None:
    words = {True: "yes", False: "no", None: "not measured"}
    show(
        f"Targets; over {MOST} connections where none are named",
        ("target", "at", "bound", "found", "holds"),
        [
            (
                target.name,
                "least" if target.at_least else "most",
                f"{target.bound:g}",
                "" if target.found is None else f"{target.found:.2f}",
                words[target.holds],
            )
            for target in targets
        ],
    )


def _row(one: Outcome, kind: Kind, outcomes: Sequence[Outcome]) -> tuple[str, ...]:
    alone, some, most = (found.figures if (found := one.at(kind, count)) else None for count in CONNECTIONS)
    return (
        one.name,
        *(f"{at.rate:,.0f}" if at else "" for at in (alone, some, most)),
        f"{alone.p50_ms:.2f}" if alone else "",
        *(f"{at.p99_ms:.2f}" if at else "" for at in (some, most)),
        f"{most.cpu_us:,.0f}" if most else "",
        *(_ratio(one, rival.name, kind, outcomes) for rival in (FASTAPI, TRITON)),
    )


def _ratio(one: Outcome, to: str, kind: Kind, outcomes: Sequence[Outcome]) -> str:
    other = next((other for other in outcomes if other.name == to), None)
    ratio = one.ratio(other, kind, MOST, "rate")
    return "" if ratio is None else f"{ratio:.2f}"
