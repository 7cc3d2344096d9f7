import re
from typing import Any

import pytest
import yaml

from tests.docker.dockerfile import service_flags
from tests.docker.programs import ROOT, free_port, run, running

COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
CONTAINERS: dict[str, Any] = COMPOSE["services"]
container = pytest.mark.parametrize("name", CONTAINERS)


def test_the_file_follows_the_compose_specification() -> None:
    checked = run("check-jsonschema", "--builtin-schema", "vendor.compose-spec", "docker-compose.yml")
    assert checked.returncode == 0, checked.stdout


@container
def test_every_port_is_published_on_the_loopback_alone(name: str) -> None:
    ports = CONTAINERS[name]["ports"]
    assert ports
    assert all(re.fullmatch(r"127\.0\.0\.1:\d+:\d+", port) for port in ports)


@container
def test_every_container_runs_with_the_least_it_needs(name: str) -> None:
    found = CONTAINERS[name]
    assert found["read_only"] is True
    assert found["cap_drop"] == ["ALL"]
    assert found["security_opt"] == ["no-new-privileges:true"]
    assert not {"privileged", "cap_add", "network_mode", "pid", "ipc", "devices", "user"} & set(found)


@container
def test_every_container_is_bounded_in_cpu_memory_processes_and_logs(name: str) -> None:
    assert set(CONTAINERS[name]["deploy"]["resources"]["limits"]) == {"cpus", "memory", "pids"}
    assert set(CONTAINERS[name]["logging"]["options"]) == {"max-size", "max-file"}


@container
def test_every_image_from_elsewhere_is_pinned_to_a_full_version(name: str) -> None:
    found = CONTAINERS[name]
    assert "build" in found or re.fullmatch(r"[a-z]+/[a-z]+:v?\d+\.\d+\.\d+", found["image"])


@container
def test_only_data_volumes_and_scratch_space_can_be_written(name: str) -> None:
    for volume in CONTAINERS[name]["volumes"]:
        if isinstance(volume, dict):
            assert volume["read_only"] is True
        else:
            source = volume.split(":")[0]
            assert volume.endswith(":ro") or source in COMPOSE["volumes"]
    assert all(scratch.startswith("/tmp:size=") for scratch in CONTAINERS[name].get("tmpfs", []))


def test_every_mounted_configuration_is_in_the_repository() -> None:
    sources = {
        volume.split(":")[0]
        for found in CONTAINERS.values()
        for volume in found["volumes"]
        if isinstance(volume, str) and volume.startswith(".")
    }
    assert len(sources) == 4
    assert all((ROOT / source).is_dir() for source in sources)


def test_a_missing_models_directory_is_an_error_and_not_created_empty() -> None:
    (models,) = CONTAINERS["service"]["volumes"]
    assert models["bind"] == {"create_host_path": False}


def test_grafana_does_not_start_without_a_password_from_the_environment() -> None:
    password = CONTAINERS["grafana"]["environment"]["GF_SECURITY_ADMIN_PASSWORD"]
    assert re.fullmatch(r"\$\{GRAFANA_ADMIN_PASSWORD:\?[^}]+\}", password)


def test_every_container_says_whether_it_is_healthy() -> None:
    dockerfile = (ROOT / CONTAINERS["service"]["build"]["dockerfile"]).read_text()
    assert "\nHEALTHCHECK " in dockerfile
    assert {name for name, found in CONTAINERS.items() if "healthcheck" not in found} == {"service"}


def test_the_monitoring_finds_its_parts_by_their_names_and_ports() -> None:
    prometheus = yaml.safe_load((ROOT / "docker/prometheus/prometheus.yml").read_text())
    source = yaml.safe_load((ROOT / "docker/grafana/provisioning/datasources/prometheus.yml").read_text())
    addresses = [
        *(
            target
            for job in prometheus["scrape_configs"]
            for config in job["static_configs"]
            for target in config["targets"]
        ),
        *prometheus["alerting"]["alertmanagers"][0]["static_configs"][0]["targets"],
        source["datasources"][0]["url"].removeprefix("http://"),
    ]
    inside = {f"{name}:{port.split(':')[-1]}" for name, found in CONTAINERS.items() for port in found["ports"]}
    assert set(addresses) - {"localhost:9090"} == inside - {"grafana:3000"}


def test_the_service_starts_as_the_containers_configure_it() -> None:
    environment = {name: str(value) for name, value in CONTAINERS["service"]["environment"].items()}
    flags, port = service_flags(), free_port()
    flags[flags.index("--models") + 1] = str(ROOT / "tests/golden/models")
    flags[flags.index("--port") + 1] = str(port)
    with pytest.MonkeyPatch.context() as patch:
        for name, value in environment.items():
            patch.setenv(name, value)
        with running("plumbline-serve", *flags, ready=f"http://127.0.0.1:{port}/health/ready"):
            pass
