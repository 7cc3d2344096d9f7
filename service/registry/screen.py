"""Models and versions as a person reads them on a terminal."""

from collections.abc import Mapping
from typing import Any

from rich import box
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from model.quoting import printable

Answer = Mapping[str, Any]

STYLES = {"serving": "green", "shadow": "yellow", "refused": "bold red"}
SHORT_DIGEST = 12


def screen(answer: Answer) -> RenderableType:
    """Lay out whatever was answered."""
    if "models" in answer:
        return _models(answer)
    if "versions" in answer:
        return _versions(answer)
    return _compared(answer) if "candidate" in answer else _decided(answer)


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
    if answer["shadow"] is not None:
        said.append(f"; version {answer['shadow']} scores beside it")
    follow = answer["others_follow_within_seconds"]
    if follow is not None:
        said.append(f"; other workers follow within {follow:g} s", style="dim")
    return said


def _compared(answer: Answer) -> RenderableType:
    served, candidate = f"version {answer['version']}", f"version {answer['candidate']}"
    said = [f"{printable(answer['model'])}: {answer['samples']:,} samples, {answer['dropped']:,} left out"]
    if answer["agreement"] is not None:
        said.append(f"the same verdict for {answer['agreement']:.2%}")
    for version, rate in ((served, answer["anomaly_rate"]), (candidate, answer["candidate_anomaly_rate"])):
        if rate is not None:
            said.append(f"{version} finds {rate:.3%} anomalous")
    quotient = answer["quotient"]
    if quotient is not None:
        quantiles = ", ".join(f"{share}: {value:.3g}" for share, value in quotient["quantiles"].items())
        said.append(f"score over threshold, {candidate} to {served}: {quotient['geometric_mean']:.4g} on average")
        said.append(f"by share of samples {quantiles}")
    table = _table(served, candidate, "samples")
    for pair in answer["verdicts"]:
        agreed = pair["verdict"] == pair["candidate_verdict"]
        table.add_row(
            pair["verdict"], pair["candidate_verdict"], f"{pair['samples']:,}", style="" if agreed else "yellow"
        )
    return Group(*(Text(line) for line in said), table)


def _table(*columns: str) -> Table:
    table = Table(box=box.SIMPLE, pad_edge=False, padding=(0, 2, 0, 0))
    for column in columns:
        table.add_column(column, overflow="fold", justify="right" if column == "version" else "left")
    return table
