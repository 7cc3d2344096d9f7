"""docs/operations.md tells of everything that can be set, measured and alerted on, and of nothing else."""

import re
from typing import Any

import httpx2
import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from model.validity import REASON_CODES
from service.settings import PREFIX, Settings
from tests.docker.programs import ROOT
from tests.docker.traffic import send_traffic

PAGE = (ROOT / "docs/operations.md").read_text()


def table(heading: str) -> list[list[str]]:
    """Give the cells of the first table below a heading, its own heading left out."""
    section = re.split(r"^#+ .*$", PAGE.partition(f"\n{heading}\n")[2], maxsplit=1, flags=re.MULTILINE)[0]
    rows = re.findall(r"^\| (.*) \|$", section, flags=re.MULTILINE)
    return [row.split(" | ") for row in rows[1:]]


def test_every_setting_is_listed_with_its_default() -> None:
    listed = {name: default for name, default, _ in table("## Settings")}
    assert listed == {
        f"`{PREFIX}{name.upper()}`": "none" if field.default is None else f"`{field.default}`"
        for name, field in Settings.model_fields.items()
    }


def test_every_metric_is_listed_with_its_labels(service: str) -> None:
    send_traffic(service)
    measured = {
        f"`{family.name}{'_total' if family.type == 'counter' else ''}`": {
            f"`{label}`" for sample in family.samples for label in sample.labels if label != "le"
        }
        for family in text_string_to_metric_families(httpx2.get(f"{service}/metrics").text)
    }
    assert {
        name: {label for label in labels.split(", ") if label} for name, labels, _ in table("## Metrics")
    } == measured


def test_every_reason_for_an_invalid_sample_is_listed() -> None:
    assert [reason for reason, _, _ in table("### Why a sample is invalid")] == [f"`{code}`" for code in REASON_CODES]


def test_every_alert_has_a_section_that_begins_with_its_severity() -> None:
    alerts = [rule for group in rules()["groups"] for rule in group["rules"] if "alert" in rule]
    sections = re.findall(r"^### (Plumbline\w+)\n\n\*(\w+)\.", PAGE, flags=re.MULTILINE)
    assert sections == [(rule["alert"], rule["labels"]["severity"].capitalize()) for rule in alerts]


@pytest.mark.parametrize("name", ["service", "prometheus", "alertmanager", "grafana"])
def test_the_page_says_where_each_container_is_found(name: str) -> None:
    (port,) = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"][name]["ports"]
    assert f"<http://{port.rpartition(':')[0]}>" in PAGE


def rules() -> Any:
    return yaml.safe_load((ROOT / "docker/prometheus/rules.yml").read_text())
