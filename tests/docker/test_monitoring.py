"""The real Prometheus scrapes the real service, and everything that is asked of it has an answer."""

import math
import re
import time
from typing import Any

import httpx2
import pytest
import yaml

from tests.docker.dashboard import DASHBOARD, QUERIES, filled_in
from tests.docker.programs import ROOT, run
from tests.docker.traffic import send_traffic

RULES = [
    rule
    for group in yaml.safe_load((ROOT / "docker/prometheus/rules.yml").read_text())["groups"]
    for rule in group["rules"]
]
SECONDS_TO_SEE_TRAFFIC = 60


def ask(prometheus: str, query: str) -> list[dict[str, Any]]:
    answer = httpx2.get(f"{prometheus}/api/v1/query", params={"query": query}).json()
    assert answer["status"] == "success", f"{query}: {answer}"
    result: list[dict[str, Any]] = answer["data"]["result"]
    return result


def is_answered(prometheus: str, query: str) -> bool:
    return any(math.isfinite(float(series["value"][1])) for series in ask(prometheus, query))


@pytest.fixture(scope="module")
def traffic(service: str, prometheus: str) -> None:
    """Score samples until Prometheus has seen enough of them for every query of the dashboard, or time is up."""
    deadline = time.monotonic() + SECONDS_TO_SEE_TRAFFIC
    waiting = [filled_in(query) for _, query in QUERIES]
    while waiting and time.monotonic() < deadline:
        send_traffic(service)
        time.sleep(0.5)
        waiting = [query for query in waiting if not is_answered(prometheus, query)]


@pytest.mark.usefixtures("traffic")
@pytest.mark.parametrize(("panel", "query"), QUERIES, ids=[panel for panel, _ in QUERIES])
def test_a_query_of_the_dashboard_is_answered_with_data(prometheus: str, panel: str, query: str) -> None:
    assert is_answered(prometheus, filled_in(query)), panel


@pytest.mark.usefixtures("traffic")
def test_the_dashboard_offers_the_models_that_are_served(prometheus: str) -> None:
    (variable,) = DASHBOARD["templating"]["list"]
    found = re.fullmatch(r"label_values\((\w+), (\w+)\)", variable["query"]["query"])
    assert found is not None
    metric, label = found.groups()
    assert {series["metric"][label] for series in ask(prometheus, metric)} == {"pump"}


@pytest.mark.usefixtures("traffic")
def test_the_table_of_models_has_a_line_for_each_with_what_is_served(prometheus: str) -> None:
    (query,) = [query for panel, query in QUERIES if panel.startswith("Models served")]
    (line,) = ask(prometheus, filled_in(query))
    assert set(line["metric"]) == {"model", "version", "score", "provider", "digest"}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.get("alert", rule.get("record")))
def test_the_expression_of_a_rule_can_be_evaluated(prometheus: str, rule: dict[str, Any]) -> None:
    ask(prometheus, rule["expr"])


@pytest.mark.usefixtures("traffic")
def test_prometheus_finds_no_fault_with_its_rules_and_targets(prometheus: str) -> None:
    groups = httpx2.get(f"{prometheus}/api/v1/rules").json()["data"]["groups"]
    assert {rule["health"] for group in groups for rule in group["rules"]} == {"ok"}
    targets = httpx2.get(f"{prometheus}/api/v1/targets").json()["data"]["activeTargets"]
    assert {target["labels"]["job"]: target["health"] for target in targets} == {"plumbline": "up", "prometheus": "up"}


@pytest.mark.usefixtures("traffic")
def test_every_metric_and_label_that_a_rule_names_is_there(prometheus: str) -> None:
    named = {
        (metric, label)
        for rule in RULES
        for metric, matchers in re.findall(r"(?<!:)\b(plumbline_\w+|up)(?:\{([^}]*)\})?", rule["expr"])
        for label in re.findall(r"(\w+)(?:=|!=|=~|!~)\"", matchers) or ["job"]
    }
    assert len(named) > 5
    assert [pair for pair in named if not ask(prometheus, '{{__name__="{}", {}!=""}}'.format(*pair))] == []


@pytest.mark.usefixtures("traffic")
def test_the_metrics_page_keeps_the_naming_rules(service: str) -> None:
    checked = run("promtool", "check", "metrics", stdin=httpx2.get(f"{service}/metrics").text)
    assert checked.returncode == 0, checked.stdout
