"""What was found, digit by digit, as a table for a terminal."""

from collections.abc import Mapping, Sequence
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.table import Table
from rich.text import Text

from examples.demo.tables import bar
from examples.digits.files import GOOD


def verdict_table(found: Mapping[str, Sequence[Mapping[str, Any]]], clean_digit: int, target_fpr: float) -> Table:
    """Count verdicts by digit; ``found`` has each folder's results."""
    table = Table(box=SIMPLE_HEAD, padding=(0, 1, 0, 0), header_style="dim")
    table.caption_justify, table.caption_style = "left", "dim"
    for heading in ("", "images", "normal", "alarms", "", ""):
        table.add_column(heading, justify="right" if heading else "left", no_wrap=True)
    for name, results in sorted(found.items(), key=lambda entry: entry[0] == GOOD):
        alarms = sum(result["verdict"] == "anomaly" for result in results)
        share = alarms / len(results)
        if name == GOOD:
            table.add_section()
            kept = Text(f"{share:.0%}", "bold green" if share <= target_fpr else "bold red")
            promised = f"promised: ≤ {target_fpr:.0%}"
            table.add_row(f"{clean_digit}, clean", str(len(results)), str(len(results) - alarms), kept, "", promised)
        else:
            table.add_row(name, str(len(results)), str(len(results) - alarms), f"{share:.0%}", bar(share, "red"), "")
    return table
