"""The manifests for Kubernetes as the tests read them."""

from pathlib import Path
from typing import Any

import yaml

from tests.docker.programs import ROOT

FOLDER = ROOT / "docker/kubernetes"


def manifest(name: str) -> dict[str, Any]:
    read: dict[str, Any] = yaml.safe_load((FOLDER / f"{name}.yaml").read_text())
    return read


KUSTOMIZATION = manifest("kustomization")
NAMES = [Path(file).stem for file in KUSTOMIZATION["resources"]]
POD = manifest("deployment")["spec"]["template"]["spec"]
(CONTAINER,) = POD["containers"]
