import json
from collections.abc import Iterator
from itertools import combinations
from typing import Any

import yaml
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.cog.plugins import register_default_plugins
from grafana_foundation_sdk.models.dashboard import Dashboard

from tests.docker.dashboard import DASHBOARD, PANELS, QUERIES, filled_in
from tests.docker.programs import ROOT

GRAFANA = ROOT / "docker/grafana"
# Prometheus' own fields of an annotation, which Grafana's types leave to the data source.
ANNOTATION_FIELDS = {".annotations.list[0].titleFormat", ".annotations.list[0].textFormat"}


def unknown_fields(written: Any, understood: Any, place: str = "") -> Iterator[str]:
    """Compare the dashboard with what Grafana's own types kept of it."""
    if isinstance(written, dict) and isinstance(understood, dict):
        for key, value in written.items():
            if key in understood:
                yield from unknown_fields(value, understood[key], f"{place}.{key}")
            else:
                yield f"{place}.{key}"
    elif isinstance(written, list) and isinstance(understood, list) and len(written) == len(understood):
        for index, (one, other) in enumerate(zip(written, understood, strict=True)):
            yield from unknown_fields(one, other, f"{place}[{index}]")
    elif written != understood:
        yield place


def test_every_field_is_one_that_grafana_knows() -> None:
    register_default_plugins()
    understood = json.loads(JSONEncoder().encode(Dashboard.from_json(DASHBOARD)))
    assert set(unknown_fields(DASHBOARD, understood)) == ANNOTATION_FIELDS


def test_panel_ids_and_titles_are_unique() -> None:
    assert len({panel["id"] for panel in PANELS}) == len(PANELS)
    assert len({panel["title"] for panel in PANELS}) == len(PANELS)


def test_panels_fit_the_grid_without_overlapping() -> None:
    places = [panel["gridPos"] for panel in PANELS]
    assert all(place["x"] >= 0 and place["x"] + place["w"] <= 24 for place in places)
    for one, other in combinations(places, 2):
        beside = one["x"] + one["w"] <= other["x"] or other["x"] + other["w"] <= one["x"]
        above = one["y"] + one["h"] <= other["y"] or other["y"] + other["h"] <= one["y"]
        assert beside or above, (one, other)


def test_every_query_goes_to_the_provisioned_prometheus() -> None:
    (source,) = yaml.safe_load((GRAFANA / "provisioning/datasources/prometheus.yml").read_text())["datasources"]
    asked = [
        *DASHBOARD["annotations"]["list"],
        *DASHBOARD["templating"]["list"],
        *(target for panel in PANELS for target in panel.get("targets", [])),
        *(panel for panel in PANELS if panel["type"] != "row"),
    ]
    assert all(part["datasource"] == {"type": source["type"], "uid": source["uid"]} for part in asked)


def test_every_panel_says_what_it_shows() -> None:
    assert all(panel["description"].endswith(".") for panel in PANELS if panel["type"] != "row")


def test_every_panel_asks_for_something_and_no_query_uses_an_unknown_variable() -> None:
    assert all(panel["targets"] for panel in PANELS if panel["type"] != "row")
    assert not [query for _, query in QUERIES if "$" in filled_in(query)]


def test_the_dashboard_is_provisioned_and_shown_first() -> None:
    (provider,) = yaml.safe_load((GRAFANA / "provisioning/dashboards/plumbline.yml").read_text())["providers"]
    grafana = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]["grafana"]
    assert f"./docker/grafana/dashboards:{provider['options']['path']}:ro" in grafana["volumes"]
    home = grafana["environment"]["GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH"]
    assert home == f"{provider['options']['path']}/plumbline.json"
