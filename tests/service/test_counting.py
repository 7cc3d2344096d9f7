"""Every request counted, by who asked and by who answered, while versions come and go and workers are replaced and stopped."""

import signal
from collections.abc import Sequence
from pathlib import Path

import httpx2
import pytest

from model.bundle import digest_of
from tests.golden.image_bundle import GOLDEN_IMAGE_BUNDLE
from tests.service.bundles import fail_golden_check
from tests.service.programs import PATIENCE_SECONDS, Serving, serving, wait_until
from tests.service.questions import every_kind
from tests.service.registry.load import Answer, Load, load_on, publish, summary, total

ROUTE = "/models/{name}/score"


@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize("clients", [16, 64])
def test_whatever_becomes_of_versions_every_request_is_answered_by_one_and_counted_once(
    tmp_path: Path, workers: int, clients: int
) -> None:
    models = tmp_path / "models"
    publish(models)
    publish(models, "tiles", golden=GOLDEN_IMAGE_BUNDLE)
    with serving(models, tmp_path / "log", workers=workers, PLUMBLINE_WATCH_SECONDS="0.1") as service:
        with load_on(service.url, every_kind(), clients) as load:

            def decide(version: int, method: str, what: str, body: object = None) -> None:
                answer = httpx2.request(
                    method, f"{service.url}/models/pump/{what}", json=body, timeout=PATIENCE_SECONDS
                )
                assert answer.json()["version"] == version
                serves(load, version)

            publish(models, version=2)
            publish(models, "tiles", version=2, golden=GOLDEN_IMAGE_BUNDLE)
            serves(load, 2)
            serves(load, 2, "tiles")
            decide(1, "POST", "rollback")
            decide(2, "DELETE", "pin")
            publish(models, version=3, change=fail_golden_check)
            wait_until(lambda: summary(service.url)["refused"])
            decide(1, "POST", "pin", {"version": 1})
            if (workers, clients) == (2, 16):  # once, for it takes long
                reload(service)
        check_metrics(service.url, load)
        with load_on(service.url, [*every_kind(), *(kind.alone() for kind in every_kind())], clients) as last:
            last.end(service)
    assert any(answer.is_last for answer in last)
    check_log(service, [*load, *last])
    signed = {(path.parent.name, int(path.name)): path / "manifest.json" for path in models.glob("*/[12]")}
    assert load.signatures == {(*version, digest_of(path.read_bytes())) for version, path in signed.items()}
    assert {(model, version) for model, version, _ in last.signatures} == {("pump", 1), ("tiles", 2)}


def serves(load: Load, version: int, model: str = "pump") -> None:
    """Wait until each client of ``model`` is answered by ``version``, and was once more."""

    def all_do() -> bool:
        load.go_on()
        return bool(load.broken) or all(
            answers[-1].version == version for answers in load.answers if answers[-1].model == model
        )

    wait_until(all_do)


def reload(service: Serving) -> None:
    """Have every worker replaced by another."""
    before = [line["message"] for line in service.lines].count("serving")
    service.process.send_signal(signal.SIGHUP)
    wait_until(lambda: [line["message"] for line in service.lines].count("serving") == 2 * before)


def check_metrics(url: str, load: Load) -> None:
    """Hold what the service counted, a moment after its answers, against what clients counted."""
    wait_until(lambda: answered(url) >= load.count())
    assert answered(url, 'status="200"') == answered(url) == load.count()
    assert total(url, "plumbline_samples_total") == sum(answer.samples for answer in load)


def check_log(service: Serving, answers: Sequence[Answer]) -> None:
    """Hold the lines of requests, to the last before the end, against what clients were answered."""
    lines = [line for line in service.lines if line.get("route") == ROUTE]
    assert len(lines) == len(answers)
    assert {line["status"] for line in lines} == {200}
    assert sum(line["samples"] for line in lines) == sum(answer.samples for answer in answers)


def answered(url: str, *labels: str) -> float:
    return total(url, "plumbline_request_duration_seconds_count", f'route="{ROUTE}"', *labels)
