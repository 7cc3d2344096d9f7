"""Models of a service that trusts the bundles of some keys alone."""

from pathlib import Path

import httpx2
import pytest
from pyarrow import fs

from model.signing.add_signature import add_signature
from model.signing.public_key import public_pem
from model.signing.signing_key import new_signing_key
from service.registry.directory import ModelsDirectory, load_models
from service.registry.loading import Loader
from service.registry.object_store import ObjectStore
from service.registry.registry import Registry
from tests.service.bundles import put_bundle
from tests.service.programs import run, serving

KEY, OTHER = new_signing_key(), new_signing_key()


@pytest.fixture
def public(tmp_path: Path) -> str:
    file = tmp_path / "line.pub.pem"
    file.write_bytes(public_pem(KEY.public))
    return str(file)


def test_the_newest_version_that_a_trusted_key_signed_serves(tmp_path: Path) -> None:
    add_signature(put_bundle(tmp_path, version=1), KEY)
    add_signature(put_bundle(tmp_path, version=2), OTHER)
    put_bundle(tmp_path, version=3)
    (named,) = load_models(tmp_path, "cpu", trusted=KEY.trusted)
    assert named.served is not None
    assert named.served.version == 1
    assert [refused.version for refused in named.refused] == [3, 2]
    assert "the signature of a trusted key, found none" in named.refused[0].reason
    assert f"signed by key {OTHER.key_id}, which is not trusted" in named.refused[1].reason


def test_a_version_that_is_signed_later_serves_from_then_on(tmp_path: Path) -> None:
    add_signature(put_bundle(tmp_path, version=1), KEY)
    later = put_bundle(tmp_path, version=2)
    registry = Registry(ModelsDirectory(tmp_path), Loader("cpu", KEY.trusted))
    assert registry.open().get("pump").version == 1
    registry.poll()
    assert registry.models.get("pump").version == 1
    add_signature(later, KEY)
    registry.poll()
    assert registry.models.get("pump").version == 2


def test_a_signature_comes_along_from_an_object_store(tmp_path: Path) -> None:
    bucket = tmp_path / "bucket"
    add_signature(put_bundle(bucket / "models", version=1), KEY)
    later = put_bundle(bucket / "models", version=2)
    files = fs.SubTreeFileSystem(str(bucket), fs.LocalFileSystem())
    store = ObjectStore("store://bucket/models", files, "models", tmp_path / "cache")
    registry = Registry(store, Loader("cpu", KEY.trusted))
    assert registry.open().get("pump").version == 1
    add_signature(later, KEY)
    for _ in range(2):  # a store has no renaming: what has just changed is waited for
        registry.poll()
    assert registry.models.get("pump").version == 2


@pytest.mark.parametrize("workers", [1, 2])
def test_the_service_asks_for_signatures_where_it_is_told_whom_to_trust(
    tmp_path: Path, public: str, workers: int
) -> None:
    models = tmp_path / "models"
    add_signature(put_bundle(models, version=1), KEY)
    put_bundle(models, version=2)
    with serving(models, tmp_path / "log", workers=workers, PLUMBLINE_TRUSTED_KEYS=public) as service:
        card = httpx2.get(f"{service.url}/models/pump").json()
        assert service.line("message", "serving")["trusted_keys"] == [KEY.key_id]
    assert (card["version"], card["signed_by"]) == (1, KEY.key_id)
    assert [refused["version"] for refused in card["refused"]] == [2]


@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_service_that_finds_nothing_signed_does_not_start(tmp_path: Path, public: str, workers: str) -> None:
    put_bundle(tmp_path / "models")
    done = run("--models", str(tmp_path / "models"), "--port", "0", "--workers", workers, PLUMBLINE_TRUSTED_KEYS=public)
    assert done.returncode == 2
    assert "nothing can be served" in done.stderr
    assert "the signature of a trusted key, found none" in done.stderr


def test_a_service_without_the_keys_it_is_told_to_trust_does_not_start(tmp_path: Path) -> None:
    put_bundle(tmp_path / "models")
    done = run("--models", str(tmp_path / "models"), "--port", "0", PLUMBLINE_TRUSTED_KEYS=str(tmp_path / "nowhere"))
    assert done.returncode == 2
    assert "trusted keys cannot be read" in done.stderr


def test_the_key_that_signs_has_no_business_where_bundles_are_served(tmp_path: Path) -> None:
    done = run("--models", str(tmp_path), PLUMBLINE_SIGNING_KEY="line.pem")
    assert done.returncode == 2
    assert "PLUMBLINE_SIGNING_KEY is set in the environment but is no setting of plumbline-serve" in done.stderr
