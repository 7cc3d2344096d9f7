"""Many models within a bound of memory: what was not used for longest makes room, and nobody who asks can tell."""

import shutil
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx2
import pytest

from model.bundle import read_bundle
from service.errors import NotReadyError
from service.registry.directory import ModelsDirectory
from service.registry.loading import Loader
from service.registry.memory import ModelMemory, estimate
from service.registry.models import Models
from service.registry.registry import Registry
from service.registry.slot import Loaded, Slot
from tests.service.bundles import PUMP, Files, Manifest, put_bundle
from tests.service.programs import Serving, serving, wait_until
from tests.service.questions import two_rows
from tests.service.registry.load import load_on, metric, publish, summary

NAMES = ("pump-1", "pump-2", "pump-3")
SAMPLES = {"samples": [[8, 120, 45, 11], [8, 120, 45, 99]]}
ROWS = {"rows": SAMPLES["samples"]}
TOLD_APART = ("request_id", "model", "digest", "alarm")
ROOM_MIB = 4  # for one of these models


def trained_elsewhere(manifest: Manifest, _: Files) -> None:
    manifest["training"]["code_version"] = "another"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in NAMES:
        put_bundle(tmp_path / "models", name)
    return tmp_path / "models"


def opened(folder: Path, bound: int | None) -> Models:
    return Registry(ModelsDirectory(folder), Loader("cpu", memory=ModelMemory(bound))).open()


def loaded(models: Models) -> list[str]:
    return [named.name for named in models if named.served is not None and named.served.is_loaded]


@pytest.fixture
def crowded(folder: Path, tmp_path: Path) -> Iterator[Serving]:
    """Serve three models with room for one."""
    log, room = tmp_path / "log", str(ROOM_MIB)
    with serving(folder, log, PLUMBLINE_MODEL_MEMORY_MIB=room, PLUMBLINE_WATCH_SECONDS="0.1") as service:
        yield service


def test_without_a_bound_all_stay_loaded(folder: Path) -> None:
    assert loaded(opened(folder, None)) == [*NAMES]


def test_what_was_not_used_for_longest_makes_room(folder: Path) -> None:
    models = opened(folder, 2 * estimate(PUMP))
    assert loaded(models) == ["pump-2", "pump-3"]
    samples = read_bundle(PUMP).golden.samples
    models.get("pump-2").score(samples)
    models.get("pump-1").score(samples)
    assert loaded(models) == ["pump-1", "pump-2"]


def test_a_model_larger_than_the_bound_serves_alone(folder: Path) -> None:
    models = opened(folder, 1)
    assert loaded(models) == ["pump-3"]
    models.get("pump-1").score(read_bundle(PUMP).golden.samples)
    assert loaded(models) == ["pump-1"]


def test_many_who_ask_at_once_have_it_loaded_once(folder: Path) -> None:
    at_hand = opened(folder, None).get("pump-1").slot.take()
    everybody, loads = threading.Barrier(8), []

    def load(slot: Slot) -> Loaded:
        loads.append(slot)
        return at_hand

    slot = Slot(at_hand.scorer.manifest, at_hand, 0, load)
    slot.empty()

    def ask(_: int) -> Loaded:
        everybody.wait(60)
        return slot.take()

    with ThreadPoolExecutor(8) as threads:
        assert [*threads.map(ask, range(8))] == [at_hand] * 8
    assert loads == [slot]


def test_a_version_that_serves_no_more_takes_no_room(folder: Path) -> None:
    registry = Registry(ModelsDirectory(folder), Loader("cpu", memory=ModelMemory(3 * estimate(PUMP))))
    models, samples = registry.open(), read_bundle(PUMP).golden.samples
    models.get("pump-1").score(samples)
    put_bundle(folder, "pump-1", 2, trained_elsewhere)
    registry.poll()  # for as long as both versions of it are there, one model has to make room
    assert loaded(models) == ["pump-1", "pump-3"]
    models.get("pump-2").score(samples)
    assert loaded(models) == [*NAMES]


def test_another_bundle_in_the_place_of_an_unloaded_one_is_not_taken_for_it(folder: Path) -> None:
    models = opened(folder, 1)
    shutil.rmtree(folder / "pump-1")
    put_bundle(folder, "pump-1", change=trained_elsewhere)
    with pytest.raises(NotReadyError, match="cannot be loaded again: .*holds another bundle by now"):
        models.get("pump-1").score(read_bundle(PUMP).golden.samples)


@pytest.mark.parametrize(
    ("route", "body"),
    [
        ("score", SAMPLES),
        ("score", SAMPLES | {"explain": True}),
        ("score", SAMPLES | {"explain": "full"}),
        ("reconstruct", SAMPLES),
        ("reconstruct", {"samples": SAMPLES["samples"][:1], "purify": True}),
        ("encode", SAMPLES),
        ("generate", {"n": 2, "seed": 1}),
        ("streams/line/rows", ROWS),
    ],
)
def test_an_unloaded_model_answers_as_a_loaded_one(crowded: Serving, route: str, body: object) -> None:
    answers = []
    for name in ("pump-1", "pump-2", "pump-3"):
        answer = httpx2.post(f"{crowded.url}/models/{name}/{route}", json=body, timeout=60)
        assert answer.status_code == 200, answer.text
        assert summary(crowded.url, name)["is_loaded"]
        answers.append({key: said for key, said in answer.json().items() if key not in TOLD_APART})
    assert answers == [answers[0]] * 3


def test_models_take_turns_under_load_and_nobody_is_turned_away(crowded: Serving, folder: Path) -> None:
    with (
        load_on(crowded.url, [two_rows("pump-1")]) as one,
        load_on(crowded.url, [two_rows("pump-2")]) as two,
        load_on(crowded.url, [two_rows("pump-3")]) as three,
    ):
        pass
    assert one.statuses | two.statuses | three.statuses == {200}
    assert sum(bool(summary(crowded.url, name)["is_loaded"]) for name in NAMES) == 1
    reloads = [
        metric(crowded.url, f'plumbline_model_loads_total{{model="{name}",outcome="reloaded"}}') for name in NAMES
    ]
    unloads = [metric(crowded.url, f'plumbline_model_unloads_total{{model="{name}"}}') for name in NAMES]
    memory = [metric(crowded.url, f'plumbline_model_memory_bytes{{model="{name}",version="1"}}') for name in NAMES]
    assert min(count or 0 for count in reloads) >= 1
    assert sum(count or 0 for count in unloads) == sum(count or 0 for count in reloads) + 2
    assert sorted(size or 0 for size in memory) == [0, 0, estimate(folder / "pump-1" / "1")]


def test_a_model_that_cannot_be_loaded_again_says_so_and_the_others_go_on(crowded: Serving, folder: Path) -> None:
    (folder / "pump-1" / "1" / "scorer.onnx").write_bytes(b"damaged")
    answer = httpx2.post(f"{crowded.url}/models/pump-1/score", json=SAMPLES, timeout=60)
    assert answer.status_code == 503
    assert answer.headers["Retry-After"]
    assert answer.json()["error"]["code"] == "not_ready"
    assert "cannot be loaded again" in answer.json()["error"]["message"]
    assert httpx2.post(f"{crowded.url}/models/pump-2/score", json=SAMPLES, timeout=60).status_code == 200
    assert metric(crowded.url, 'plumbline_model_loads_total{model="pump-1",outcome="not_reloaded"}') == 1


def test_an_unloaded_model_is_replaced_like_any_other(crowded: Serving, folder: Path) -> None:
    publish(folder, version=2, name="pump-1")
    wait_until(lambda: summary(crowded.url, "pump-1")["version"] == 2)
    answer = httpx2.post(f"{crowded.url}/models/pump-1/score", json=SAMPLES, timeout=60)
    assert (answer.status_code, answer.json()["version"]) == (200, 2)


def test_workers_share_the_bound(folder: Path, tmp_path: Path) -> None:
    with serving(folder, tmp_path / "log", workers=2, PLUMBLINE_MODEL_MEMORY_MIB=str(2 * ROOM_MIB)) as service:
        for _ in range(8):  # whichever worker answers has room for one of the three
            assert sum(one["is_loaded"] for one in httpx2.get(f"{service.url}/models").json()["models"]) == 1
