"""Models and versions as a person reads them on a terminal."""

from collections.abc import Mapping
from typing import Any

from rich import box
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from model.quoting import printable

Answer = Mapping[str, Any]

STYLES = {"serving": "green", "refused": "bold red"}
SHORT_DIGEST = 12


def screen(answer: Answer) -> RenderableType:
    """Lay out whatever was answered."""
    if "models" in answer:
        return _models(answer)
    return _versions(answer) if "versions" in answer else _decided(answer)


def _models(answer: Answer) -> RenderableType:
    table = _table("model", "version", "", "digest", "refused")
    for model in answer["models"]:
        refused = [f"{refused['version']}: {printable(refused['reason'])}" for refused in model["refused"]]
        table.add_row(
            printable(model["name"]),
            "none" if model["version"] is None else str(model["version"]),
            "" if model["pinned"] is None else f"pinned to {model['pinned']}",
            Text((model["digest"] or "")[:SHORT_DIGEST], style="dim"),
            Text("\n".join(refused), style="red"),
        )
    return table


def _versions(answer: Answer) -> RenderableType:
    table = _table("version", "state", "", "")
    for version in answer["versions"]:
        table.add_row(
            str(version["version"]),
            Text(version["state"], style=STYLES.get(version["state"], "")),
            "pinned" if version["is_pinned"] else "",
            Text(printable(version.get("reason", "")), style="red"),
        )
    return table


def _decided(answer: Answer) -> RenderableType:
    version = "no version" if answer["version"] is None else f"version {answer['version']}"
    held = "held there" if answer["pinned"] is not None else "the highest good one"
    said = Text(f"{printable(answer['model'])}: {version}, {held}")
    follow = answer["others_follow_within_seconds"]
    if follow is not None:
        said.append(f"; other workers follow within {follow:g} s", style="dim")
    return said


def _table(*columns: str) -> Table:
    table = Table(box=box.SIMPLE, pad_edge=False, padding=(0, 2, 0, 0))
    for column in columns:
        table.add_column(column, overflow="fold", justify="right" if column == "version" else "left")
    return table
