"""docs/deployment.md says what the unit and the manifests do."""

import re

from service.settings import PREFIX, Settings
from tests.docker.manifests import CONTAINER, POD, manifest
from tests.docker.programs import ROOT
from tests.docker.test_systemd import EXPOSURE, values

PAGE = (ROOT / "docs/deployment.md").read_text()


def test_every_setting_that_the_page_names_is_one() -> None:
    named = set(re.findall(rf"{PREFIX}\w+", PAGE)) - {f"{PREFIX}NAME"}
    assert named
    assert named <= {f"{PREFIX}{name.upper()}" for name in Settings.model_fields}


def test_every_file_that_the_page_names_is_there() -> None:
    named = set(re.findall(r"\b(?:docker|tests)/[\w./-]+", PAGE))
    assert {"docker/systemd/plumbline.service", "docker/kubernetes"} <= {name.rstrip("/") for name in named}
    assert [name for name in named if not (ROOT / name).exists()] == []


def test_the_unit_s_figures_are_those_of_the_page() -> None:
    assert f"rates its exposure {EXPOSURE / 10} of 10" in PAGE
    assert values("MemoryMax") == ["2G"]
    assert "2 GiB of memory, 256 threads" in PAGE
    assert values("TasksMax") == ["256"]


def test_the_manifests_figures_are_those_of_the_page() -> None:
    spec = manifest("horizontal-pod-autoscaler")["spec"]
    queue, cpu = spec["metrics"]
    waiting, busy = queue["pods"]["target"]["averageValue"], cpu["resource"]["target"]["averageUtilization"]
    assert f"by the queue, {waiting} requests a pod, and by CPU, {busy} % of the core" in PAGE
    assert (spec["minReplicas"], spec["maxReplicas"]) == (2, 8)
    assert CONTAINER["resources"]["requests"]["cpu"] == "1"
    sources = [volume.get("persistentVolumeClaim", volume.get("secret")) for volume in POD["volumes"][:2]]
    assert [next(iter(source.values())) for source in sources] == ["plumbline-models", "plumbline-keys"]
