import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.docker.dockerfile import SERVICE, TRAINING, copied, health_check, install, instructions, service_flags
from tests.docker.programs import ROOT, free_port, run
from tests.service.access.certificates import Authority
from tests.service.programs import CLEAN, serving

INSIDE = "http://127.0.0.1:8000"
dockerfile = pytest.mark.parametrize("path", [SERVICE, TRAINING], ids=lambda path: path.name)


@dockerfile
def test_the_linter_finds_nothing(path: Path) -> None:
    checked = run("hadolint", path)
    assert checked.returncode == 0, checked.stdout


@dockerfile
def test_the_base_image_is_pinned_to_a_full_version(path: Path) -> None:
    bases = {line.split()[0] for line in instructions(path, "FROM")}
    assert len(bases) == 1
    assert re.fullmatch(r"python:3\.\d+\.\d+-slim-[a-z]+", bases.pop())


@dockerfile
def test_nothing_runs_as_root(path: Path) -> None:
    assert instructions(path, "USER") == ["10001:10001"]


@dockerfile
def test_nothing_in_an_image_reports_to_anyone(path: Path) -> None:
    assert "ORT_DISABLE_TELEMETRY=1" in " ".join(instructions(path, "ENV")).split()


@dockerfile
def test_the_build_is_sent_what_it_copies_and_nothing_else(path: Path) -> None:
    lines = (ROOT / ".dockerignore").read_text().splitlines()
    assert lines[1] == "*"
    assert sorted(copied(path)) == sorted(line[1:] for line in lines if line.startswith("!"))


def test_the_service_image_installs_locked_versions_and_no_extra_but_traces() -> None:
    assert install(SERVICE) == '/opt/plumbline/bin/pip install --constraint constraints.txt ".[otel]"'


def test_the_training_image_installs_locked_versions_and_the_training_extra() -> None:
    assert install(TRAINING) == '/opt/plumbline/bin/pip install --constraint constraints.txt ".[train]"'


def test_the_images_start_the_commands_they_are_named_for() -> None:
    assert instructions(SERVICE, "ENTRYPOINT") == ['["plumbline-serve"]']
    assert instructions(TRAINING, "ENTRYPOINT") == ['["plumbline-train"]']


def test_the_flags_that_the_service_image_starts_with_are_flags_of_the_service() -> None:
    listed = run("plumbline-serve", "--help").stdout
    assert [flag for flag in service_flags() if flag.startswith("--") and flag not in listed] == []


def test_inside_its_container_the_service_listens_where_the_health_check_asks() -> None:
    flags = service_flags()
    assert flags[flags.index("--host") + 1] == "0.0.0.0"
    assert f"{INSIDE}/health/ready" in health_check()
    assert INSIDE.endswith(f":{flags[flags.index('--port') + 1]}")


def test_the_health_check_passes_where_the_service_is_ready(service: str) -> None:
    assert exit_code(health_check().replace(INSIDE, service)) == 0


def test_the_health_check_passes_over_tls_too(tmp_path: Path) -> None:
    signed = Authority(tmp_path).sign("server")
    environment = {"PLUMBLINE_TLS_CERTIFICATE": str(signed.certificate), "PLUMBLINE_TLS_KEY": str(signed.key)}
    with serving(ROOT / "tests/golden/models", tmp_path / "log", workers=1, **environment) as running:
        inside = running.url.replace("https:", "http:")
        assert exit_code(health_check().replace(INSIDE, inside), environment) == 0
        assert exit_code(health_check().replace(INSIDE, inside)) == 1


def test_the_health_check_fails_where_nothing_listens() -> None:
    assert exit_code(health_check().replace(INSIDE, f"http://127.0.0.1:{free_port()}")) == 1


def test_the_health_check_fails_on_any_answer_but_success(service: str) -> None:
    assert exit_code(health_check().replace(f"{INSIDE}/health/ready", f"{service}/models/unknown")) == 1


def exit_code(program: str, environment: Mapping[str, str] | None = None) -> int:
    command = [sys.executable, "-c", program]
    return subprocess.run(command, env=CLEAN | dict(environment or {}), check=False, capture_output=True).returncode
