from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from tests.docker.programs import ROOT, free_port, running
from tests.service.bundles import put_bundle


@pytest.fixture(scope="session")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Run plumbline-serve on the golden model in two versions; gives its URL."""
    models = tmp_path_factory.mktemp("models")
    for version in (1, 2):
        put_bundle(models, version=version)
    url = f"http://127.0.0.1:{free_port()}"
    arguments = ("--models", models, "--port", url.rpartition(":")[2])
    with running("plumbline-serve", *arguments, ready=f"{url}/health/ready"):
        yield url


@pytest.fixture(scope="session")
def prometheus(service: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Run Prometheus with the project's configuration, hurried, on the service above; gives its URL."""
    folder, address = tmp_path_factory.mktemp("prometheus"), f"127.0.0.1:{free_port()}"
    write_hurried(folder, service.removeprefix("http://"), address)
    arguments = (
        f"--config.file={folder}/prometheus.yml",
        f"--storage.tsdb.path={folder}/data",
        f"--web.listen-address={address}",
    )
    with running("prometheus", *arguments, ready=f"http://{address}/-/ready"):
        yield f"http://{address}"


def write_hurried(folder: Path, service: str, itself: str) -> None:
    """Write Prometheus' configuration and rules with every interval a second and the targets at these addresses."""
    config = yaml.safe_load((ROOT / "docker/prometheus/prometheus.yml").read_text())
    config["global"] = {"scrape_interval": "1s", "scrape_timeout": "1s", "evaluation_interval": "1s"}
    del config["alerting"]
    for job, address in zip(config["scrape_configs"], (service, itself), strict=True):
        job["static_configs"] = [{"targets": [address]}]
    (folder / "prometheus.yml").write_text(yaml.safe_dump(config))
    rules = yaml.safe_load((ROOT / "docker/prometheus/rules.yml").read_text())
    for group in rules["groups"]:
        group["interval"] = "1s"
    (folder / "rules.yml").write_text(yaml.safe_dump(rules))
