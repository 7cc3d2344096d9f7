"""A verification as a person reads it on a terminal, and as a program reads it."""

from pydantic import JsonValue
from rich import box
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from model.quoting import printable
from model.verification.check import Outcome
from model.verification.verify import Verification

STYLES = {
    Outcome.PASSED: "green",
    Outcome.FAILED: "bold red",
    Outcome.NOT_RUN: "dim",
    Outcome.NOT_APPLICABLE: "dim",
}


def verification_screen(verification: Verification) -> RenderableType:
    """Lay out one line for each check, and the conclusion."""
    table = Table(box=box.SIMPLE, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for check in verification.checks:
        outcome = Text(check.outcome, style=STYLES[check.outcome])
        table.add_row(outcome, check.name, Text(printable(check.told), style="dim" if outcome.style == "dim" else ""))
    return Group(_title(verification), table, _conclusion(verification))


def verification_json(verification: Verification) -> dict[str, JsonValue]:
    """Give the same as JSON values."""
    manifest = verification.manifest
    return {
        "bundle": str(verification.path),
        "name": manifest.name if manifest else None,
        "version": manifest.version if manifest else None,
        "digest": verification.digest,
        "passed": verification.passed,
        "checks": [
            {"name": check.name, "outcome": str(check.outcome), "told": check.told, "figures": dict(check.figures)}
            for check in verification.checks
        ],
    }


def _title(verification: Verification) -> Text:
    manifest, place = verification.manifest, printable(str(verification.path))
    title = Text(f"{manifest.name}, version {manifest.version}" if manifest else place, style="bold")
    return title.append(f"  {place}", style="dim") if manifest else title


def _conclusion(verification: Verification) -> Text:
    if verification.passed:
        return Text(f"verified; digest\n{verification.digest}", style="green")
    failed = [check.name for check in verification.checks if check.outcome == Outcome.FAILED]
    return Text(f"do not use it: {', '.join(failed)} failed", style="bold red")
