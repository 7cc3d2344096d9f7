"""Where figures go: tables on the terminal, and JSON in a file where one is asked for."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import orjson
from rich.box import MARKDOWN
from rich.console import Console
from rich.table import Table

from benchmarks.machine import Machine

# Wide enough for every table: one that is cut off or wrapped cannot be pasted into a page.
console = Console(highlight=False, width=160)


def begin(machine: Machine) -> None:
    """Say what is measured on, and that others use it too where they do."""
    console.print(str(machine), style="dim", soft_wrap=True)
    if machine.load > machine.cores / 2:
        console.print("the machine is busy with other things: ratios hold, absolute figures do not", style="yellow")


def show(title: str, headings: Sequence[str], rows: Iterable[Sequence[str]], note: str = "") -> None:
    """Print a table that is also Markdown: text in its first column, figures in the others."""
    table = Table(box=MARKDOWN)
    for place, heading in enumerate(headings):
        table.add_column(heading, justify="right" if place else "left", no_wrap=True)
    for row in rows:
        table.add_row(*row)
    console.print(f"\n{title}", style="bold")
    console.print(table)
    if note:
        console.print(note, style="dim")


def write_json(out: Path | None, machine: Machine, measured: Mapping[str, Any]) -> None:
    """Write figures (dataclasses and what they hold) with the machine they belong to, if a file is asked for."""
    if out is not None:
        out.write_bytes(orjson.dumps({"machine": machine, **measured}, option=orjson.OPT_INDENT_2))
        console.print(f"\n{out}", style="dim")
