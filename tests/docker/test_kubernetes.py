"""The manifests for Kubernetes, held against its own schemas and against what the service does."""

import re
from pathlib import Path

import httpx2
import kubernetes_validate
import pytest
import yaml

from service.access.keys_file import FORBIDDEN_MODE
from service.settings import PREFIX, read_settings
from tests.docker.dockerfile import SERVICE, instructions, service_flags
from tests.docker.manifests import CONTAINER, FOLDER, KUSTOMIZATION, NAMES, POD, manifest
from tests.docker.programs import ROOT, run

# Unknown fields are refused. The oldest release that is looked at, and the newest whose schemas are there.
RELEASES = ("1.30", "1.37")


PROBES = ("startupProbe", "livenessProbe", "readinessProbe")


@pytest.mark.parametrize("release", RELEASES)
@pytest.mark.parametrize("name", NAMES)
def test_kubernetes_takes_every_manifest(name: str, release: str) -> None:
    assert kubernetes_validate.validate(manifest(name), release, strict=True) == release


def test_a_field_that_kubernetes_does_not_know_is_seen() -> None:
    spoilt = manifest("deployment")
    spoilt["spec"]["template"]["spec"]["containers"][0]["readynessProbe"] = {}
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(spoilt, RELEASES[-1], strict=True)


def test_every_manifest_is_applied() -> None:
    others = {"kustomization", "prometheus-adapter"}
    assert {file.stem for file in FOLDER.glob("*.yaml")} - others == set(NAMES)


def test_the_image_is_of_this_version() -> None:
    version = re.search(r'^version = "(.+)"$', (ROOT / "pyproject.toml").read_text(), flags=re.MULTILINE)
    assert version is not None
    (image,) = KUSTOMIZATION["images"]
    assert image == {"name": CONTAINER["image"], "newTag": version[1]}


def test_the_environment_holds_settings_that_the_service_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in CONTAINER["env"]:
        assert variable["name"].startswith(PREFIX)
        monkeypatch.setenv(variable["name"], variable["value"])
    settings = read_settings({})
    assert str(settings.keys) == "/keys/keys.json"
    # The pod lives longer than draining takes, and is out of the endpoints before the notice ends.
    draining = settings.drain_notice_seconds + settings.drain_seconds
    assert POD["terminationGracePeriodSeconds"] > draining + 5
    ready = CONTAINER["readinessProbe"]
    assert settings.drain_notice_seconds > ready["failureThreshold"] * ready["periodSeconds"] + ready["timeoutSeconds"]


def test_kubernetes_adds_no_variables_that_would_be_taken_for_settings() -> None:
    assert POD["enableServiceLinks"] is False


@pytest.mark.parametrize("probe", PROBES)
def test_probes_ask_for_what_there_is(probe: str, service: str) -> None:
    path = CONTAINER[probe]["httpGet"]["path"]
    assert httpx2.get(f"{service}{path}").status_code == 200


def test_ports_are_those_that_the_image_listens_on() -> None:
    flags = service_flags()
    port = int(flags[flags.index("--port") + 1])
    assert instructions(SERVICE, "EXPOSE") == [str(port)]
    assert CONTAINER["ports"] == [{"name": "http", "containerPort": port}]
    assert {CONTAINER[probe]["httpGet"]["port"] for probe in PROBES} == {"http"}
    assert manifest("service")["spec"]["ports"] == [{"name": "http", "port": port, "targetPort": "http"}]
    (ingress,) = manifest("network-policy")["spec"]["ingress"]
    assert ingress["ports"] == [{"protocol": "TCP", "port": "http"}]


def test_the_container_has_no_rights() -> None:
    assert POD["securityContext"].items() >= {"runAsNonRoot": True, "runAsUser": 10001, "runAsGroup": 10001}.items()
    assert POD["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert instructions(SERVICE, "USER") == ["10001:10001"]
    assert CONTAINER["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert POD["automountServiceAccountToken"] is False


def test_the_file_of_keys_is_one_that_the_service_takes() -> None:
    (keys,) = [volume["secret"] for volume in POD["volumes"] if volume["name"] == "keys"]
    assert keys["defaultMode"] == 0o440
    assert keys["defaultMode"] & FORBIDDEN_MODE == 0
    assert POD["securityContext"]["fsGroup"] == POD["securityContext"]["runAsGroup"]


def test_every_volume_is_there_and_mounted() -> None:
    assert [volume["name"] for volume in POD["volumes"]] == [mount["name"] for mount in CONTAINER["volumeMounts"]]


@pytest.mark.parametrize("name", ["service", "pod-disruption-budget", "network-policy", "deployment"])
def test_everything_means_the_same_pods(name: str) -> None:
    labels = manifest("deployment")["spec"]["template"]["metadata"]["labels"]
    spec = manifest(name)["spec"]
    selector = spec.get("selector") or spec["podSelector"]
    assert selector.get("matchLabels", selector) == labels


def test_the_autoscaler_looks_at_a_metric_that_there_is(service: str) -> None:
    spec = manifest("horizontal-pod-autoscaler")["spec"]
    (name,) = [metric["pods"]["metric"]["name"] for metric in spec["metrics"] if metric["type"] == "Pods"]
    (rule,) = manifest("prometheus-adapter")["rules"]["custom"]
    assert rule["name"]["as"] == name
    assert rule["seriesQuery"].startswith(f"{name}{{")
    assert f"# TYPE {name} gauge" in httpx2.get(f"{service}/metrics").text
    assert spec["scaleTargetRef"]["name"] == manifest("deployment")["metadata"]["name"]


def test_the_autoscaler_is_told_of_the_queue_of_all_models_smoothed(tmp_path: Path) -> None:
    (rule,) = manifest("prometheus-adapter")["rules"]["custom"]
    query = rule["metricsQuery"]
    filled = {"<<.Series>>": "plumbline_queue_depth", "<<.LabelMatchers>>": 'namespace="a"', "<<.GroupBy>>": "pod"}
    for part, value in filled.items():
        query = query.replace(part, value)
    series = 'plumbline_queue_depth{{namespace="a", pod="p", model="{}"}}'
    played = {
        "evaluation_interval": "15s",
        "tests": [
            {
                "interval": "15s",
                "input_series": [
                    {"series": series.format("pump"), "values": "0x20 8x20"},
                    {"series": series.format("press"), "values": "2x40"},
                ],
                "promql_expr_test": [
                    {"expr": query, "eval_time": "5m", "exp_samples": [{"labels": '{pod="p"}', "value": 2}]},
                    {"expr": query, "eval_time": "10m", "exp_samples": [{"labels": '{pod="p"}', "value": 10}]},
                ],
            }
        ],
    }
    file = tmp_path / "adapter.yml"
    file.write_text(yaml.safe_dump(played))
    finished = run("promtool", "test", "rules", file)
    assert finished.returncode == 0, finished.stdout


def test_prometheus_takes_the_job(tmp_path: Path) -> None:
    config = yaml.safe_load((FOLDER / "prometheus.yml").read_text())
    (job,) = config["scrape_configs"]
    # Debian's Prometheus is built without the discovery of Kubernetes, so that part is looked at no further.
    (discovery,) = job.pop("kubernetes_sd_configs")
    assert discovery["selectors"] == [{"role": "pod", "label": "app.kubernetes.io/name=plumbline"}]
    job["static_configs"] = [{"targets": ["plumbline:8000"]}]
    (tmp_path / "prometheus.yml").write_text(yaml.safe_dump(config))
    (tmp_path / "rules.yml").write_text((ROOT / "docker/prometheus/rules.yml").read_text())
    checked = run("promtool", "check", "config", "--syntax-only", tmp_path / "prometheus.yml")
    assert checked.returncode == 0, checked.stdout
    assert job["job_name"] == "plumbline"  # the alert PlumblineDown asks for it
