import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest
from pyarrow import fs

from model.errors import BundleError, BundleTooLargeError, BundleUnsafePathError, InputError
from service.registry import object_store as module
from service.registry.directory import ModelsDirectory
from service.registry.object_store import ObjectStore
from service.registry.roots import open_root
from tests.service.bundles import put_bundle
from tests.service.programs import run, serving, wait_until
from tests.service.registry.load import load_on, metric, publish, spoil_graph, summary
from tests.service.registry.s3_server import s3_server

# Arrow asks for some; the server takes any.
KEYS = {"AWS_ACCESS_KEY_ID": "any", "AWS_SECRET_ACCESS_KEY": "any", "AWS_EC2_METADATA_DISABLED": "true"}


@pytest.fixture
def bucket(tmp_path: Path) -> Path:
    """The bucket's keys, as files of a directory."""
    put_bundle(tmp_path / "store" / "factory" / "models")
    return tmp_path / "store" / "factory"


@pytest.fixture
def store(bucket: Path, tmp_path: Path) -> ObjectStore:
    """The same keys through another file system of Arrow's than the local one."""
    return ObjectStore(
        "store://factory/models", fs.SubTreeFileSystem(str(bucket), fs.LocalFileSystem()), "models", tmp_path / "cache"
    )


@pytest.fixture
def url(bucket: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    for name, value in KEYS.items():
        monkeypatch.setenv(name, value)
    with s3_server(bucket.parent) as query:
        yield f"s3://factory/models{query}"


def files_below(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def copies(folder: Path) -> list[str]:
    return sorted("/".join(path.parts[-3:]) for path in folder.glob("*/*/*/*/manifest.json"))


def test_versions_are_listed_and_copied_whole(store: ObjectStore, bucket: Path) -> None:
    assert store.versions() == {"pump": (1,)}
    place = store.place("pump", 1)
    assert place.parts[-2:] == ("pump", "1")
    assert files_below(place) == files_below(bucket / "models" / "pump" / "1")


def test_a_version_is_copied_once(store: ObjectStore, bucket: Path) -> None:
    store.versions()
    place = store.place("pump", 1)
    shutil.rmtree(bucket / "models")
    assert store.place("pump", 1) == place


def test_what_is_no_version_is_passed_over(store: ObjectStore, bucket: Path) -> None:
    models = bucket / "models"
    (models / "README.md").write_text("about these models")
    for place in ("pump/latest", "pump/02", ".trash/1", "pump/3"):  # the last has no manifest
        (models / place).mkdir(parents=True)
        (models / place / ("other.json" if place == "pump/3" else "manifest.json")).write_text("{}")
    assert store.versions() == {"pump": (1,)}


def test_a_version_that_is_still_being_written_waits_for_the_next_look(store: ObjectStore, bucket: Path) -> None:
    store.versions()
    second = put_bundle(bucket / "models", version=2)
    scorer = (second / "scorer.onnx").read_bytes()
    (second / "scorer.onnx").unlink()
    assert store.versions() == {"pump": (1,)}
    (second / "scorer.onnx").write_bytes(scorer)
    assert store.versions() == {"pump": (1,)}
    assert store.versions() == {"pump": (2, 1)}


def test_copies_of_what_is_gone_are_deleted_and_nothing_else(store: ObjectStore, bucket: Path, tmp_path: Path) -> None:
    put_bundle(bucket / "models", version=2)
    (tmp_path / "cache").mkdir()
    (tmp_path / "cache" / "mine").write_text("kept")
    store.versions()
    store.place("pump", 1)
    store.place("pump", 2)
    shutil.rmtree(bucket / "models" / "pump" / "1")
    store.versions()
    assert copies(tmp_path / "cache") == ["pump/2/manifest.json"]
    assert (tmp_path / "cache" / "mine").exists()


def test_a_version_replaced_in_its_place_is_another_copy(store: ObjectStore, bucket: Path) -> None:
    store.versions()
    before, stamp = store.place("pump", 1), store.manifest_stamp("pump", 1)
    manifest = bucket / "models" / "pump" / "1" / "manifest.json"
    os.utime(manifest, (1, 1))
    store.versions()
    assert store.manifest_stamp("pump", 1) != stamp
    assert store.place("pump", 1) != before


@pytest.mark.parametrize(
    ("limit", "value", "error"),
    [
        ("MAX_REPORT_BYTES", 10, BundleTooLargeError),
        ("MAX_TOTAL_BYTES", 10, BundleTooLargeError),
        ("MAX_FILES", 2, BundleTooLargeError),
    ],
)
def test_what_is_larger_than_a_bundle_may_be_is_not_copied(
    store: ObjectStore,
    bucket: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    limit: str,
    value: int,
    error: type[BundleError],
) -> None:
    (bucket / "models" / "pump" / "1" / "report").mkdir(exist_ok=True)
    (bucket / "models" / "pump" / "1" / "report" / "large").write_text("x" * 100)
    monkeypatch.setattr(module, limit, value)
    store.versions()
    with pytest.raises(error):
        store.place("pump", 1)
    assert copies(tmp_path / "cache") == []


def test_a_name_that_leaves_the_bundle_is_refused(store: ObjectStore, bucket: Path) -> None:
    (bucket / "models" / "pump" / "1" / ".hidden").write_text("")
    store.versions()
    with pytest.raises(BundleUnsafePathError):
        store.place("pump", 1)


def test_an_object_that_changes_while_it_is_read_leaves_no_copy(
    store: ObjectStore, bucket: Path, tmp_path: Path
) -> None:
    store.versions()
    (bucket / "models" / "pump" / "1" / "scorer.onnx").write_bytes(b"shorter")
    with pytest.raises(OSError, match="scorer.onnx changes while it is read"):
        store.place("pump", 1)
    assert copies(tmp_path / "cache") == []


def test_a_store_that_has_nothing_there_is_named(bucket: Path, tmp_path: Path) -> None:
    files = fs.SubTreeFileSystem(str(bucket), fs.LocalFileSystem())
    with pytest.raises(InputError, match="store://factory/nowhere: cannot be listed"):
        ObjectStore("store://factory/nowhere", files, "nowhere", tmp_path).versions()


def test_a_local_address_is_a_directory_read_in_its_place(bucket: Path) -> None:
    root = open_root(f"file://{bucket}/models", None)
    assert isinstance(root, ModelsDirectory)
    assert root.place("pump", 1) == bucket / "models" / "pump" / "1"


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("s3://name:secret@factory/models", "an address holds no secrets"),
        ("nothing://factory/models", "nothing://factory/models: cannot be opened"),
    ],
)
def test_an_address_that_cannot_be_opened_is_named(address: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=said) as refused:
        open_root(address, tmp_path)
    assert "secret@" not in str(refused.value)


def test_versions_in_a_store_are_served_and_followed(url: str, bucket: Path, tmp_path: Path) -> None:
    state = str(tmp_path / "pins.json")
    with serving(url, tmp_path / "log", workers=2, PLUMBLINE_WATCH_SECONDS="0.3", PLUMBLINE_STATE=state) as service:
        with load_on(service.url) as load:
            publish(bucket / "models", version=2)
            wait_until(lambda: [line.get("before") for line in service.lines].count(1) == 2)
            wait_until(lambda: all(met[-1] == 2 for met in load.versions))
            publish(bucket / "models", version=3, change=spoil_graph)
            wait_until(lambda: summary(service.url)["refused"])
            assert httpx2.post(f"{service.url}/models/pump/rollback").json()["version"] == 1
        assert metric(service.url, 'plumbline_golden_check_success{model="pump"}') == 0
    assert load.statuses == {200}


def test_decisions_about_a_store_need_a_file_of_their_own(url: str, tmp_path: Path) -> None:
    with serving(url, tmp_path / "log") as service:
        answer = httpx2.post(f"{service.url}/models/pump/pin", json={"version": 1})
    assert (answer.status_code, answer.json()["error"]["code"]) == (503, "state_unavailable")
    assert "set PLUMBLINE_STATE" in answer.json()["error"]["message"]


def test_copies_are_gone_with_the_service_unless_a_cache_is_set(url: str, tmp_path: Path) -> None:
    (tmp_path / "temporary").mkdir()
    with serving(url, tmp_path / "log", TMPDIR=str(tmp_path / "temporary")) as service:
        assert httpx2.get(f"{service.url}/health/ready").is_success
        assert copies(tmp_path / "temporary" / next((tmp_path / "temporary").iterdir()).name) == [
            "pump/1/manifest.json"
        ]
    assert [*(tmp_path / "temporary").iterdir()] == []
    with serving(url, tmp_path / "log", PLUMBLINE_CACHE=str(tmp_path / "cache")):
        pass
    assert copies(tmp_path / "cache") == ["pump/1/manifest.json"]


def test_a_store_that_cannot_be_reached_is_one_sentence() -> None:
    finished = run("--models", "s3://factory/models?scheme=http&endpoint_override=127.0.0.1:9&region=us-east-1", **KEYS)
    assert finished.returncode == 2
    assert "cannot be listed" in finished.stderr
    assert finished.stderr.count("\n") == 1
