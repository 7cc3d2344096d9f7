"""The Grafana dashboard as the tests read it."""

import json
from typing import Any

from tests.docker.programs import ROOT

DASHBOARD: dict[str, Any] = json.loads((ROOT / "docker/grafana/dashboards/plumbline.json").read_text())
PANELS: list[dict[str, Any]] = DASHBOARD["panels"]

# What each PromQL query of the panels is for, and the query.
QUERIES: list[tuple[str, str]] = [
    (f"{panel['title']} {target['refId']}", target["expr"]) for panel in PANELS for target in panel.get("targets", [])
]


def filled_in(query: str) -> str:
    """Put in what Grafana puts in for the dashboard's variables."""
    return query.replace("$model", ".*").replace("$__rate_interval", "1m")
