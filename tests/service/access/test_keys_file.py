import json
import os
import re
import stat
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from model.errors import InputError
from service.access.keys_file import MOST_BYTES, MOST_KEYS, RateLimit, read_keys, write_keys
from service.access.scope import Scope
from tests.service.access.keys import add_key

Change = Callable[[dict[str, Any]], object]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "keys.json"


def test_what_is_written_is_read(path: Path) -> None:
    add_key(
        path, "line-3", (Scope.SCORE,), datetime(2031, 5, 1, tzinfo=UTC), RateLimit(requests_per_second=0.5, burst=3)
    )
    add_key(path, "grafana", (Scope.READ, Scope.ADMIN))
    first, second = read_keys(path).keys
    assert (first.name, first.scopes, first.not_after) == ("line-3", (Scope.SCORE,), datetime(2031, 5, 1, tzinfo=UTC))
    assert first.rate_limit == RateLimit(requests_per_second=0.5, burst=3)
    assert (second.name, second.scopes, second.rate_limit) == ("grafana", (Scope.READ, Scope.ADMIN), None)


def test_the_file_holds_no_key_and_is_for_its_owner_alone(path: Path) -> None:
    key = add_key(path)
    assert key not in path.read_text()
    assert key.removeprefix("plumbline_")[:8] not in path.read_text()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [file.name for file in path.parent.iterdir()] == [path.name]


def test_a_file_that_its_group_may_read_stays_so(path: Path) -> None:
    add_key(path)
    path.chmod(0o640)
    add_key(path, "other")
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


@pytest.mark.parametrize("mode", [0o644, 0o604, 0o602, 0o601, 0o660, 0o620, 0o666])
def test_a_file_that_others_could_read_or_write_is_refused(path: Path, mode: int) -> None:
    add_key(path)
    path.chmod(mode)
    with pytest.raises(InputError, match=rf"only its owner may write .* found mode {mode:04o}; chmod 600 it, or 640$"):
        read_keys(path)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda file: file.pop("keys"), "keys: field required"),
        (lambda file: file.update(format_version=2), "format_version: input should be 1"),
        (lambda file: file.update(more=1), "more: extra inputs are not permitted"),
        (lambda file: file["keys"][0].update(name="a b"), "keys.0.name: string should match"),
        (lambda file: file["keys"][0].update(name="x" * 65), "keys.0.name: string should match"),
        (lambda file: file["keys"][0].update(sha256="plumbline_secret"), "keys.0.sha256: string should match"),
        (lambda file: file["keys"][0].update(scopes=[]), "keys.0.scopes: tuple should have at least 1"),
        (lambda file: file["keys"][0].update(scopes=["all"]), "keys.0.scopes.0: input should be 'score', 'read' or"),
        (
            lambda file: file["keys"][0].update(not_after="2031-05-01T00:00:00"),
            "keys.0.not_after: input should have time",
        ),
        (
            lambda file: file["keys"][0].update(rate_limit={"burst": 0}),
            "keys.0.rate_limit.burst: input should be greater",
        ),
        (
            lambda file: file["keys"][0].update(rate_limit={"per_second": 1}),
            "keys.0.rate_limit.per_second: extra inputs",
        ),
        (lambda file: file["keys"].append(file["keys"][0]), "two keys have the same name"),
        (lambda file: file["keys"].append({**file["keys"][0], "name": "b"}), "one key is there under two names"),
        (lambda file: file["keys"].extend([file["keys"][0]] * MOST_KEYS), "keys: tuple should have at most 1000"),
    ],
)
def test_a_file_that_is_none_of_keys_is_refused_and_not_quoted(path: Path, change: Change, said: str) -> None:
    add_key(path)
    file = json.loads(path.read_text())
    change(file)
    path.write_text(json.dumps(file))
    with pytest.raises(
        InputError, match=rf"^{re.escape(str(path))}: is no file of keys: .*{re.escape(said)}"
    ) as raised:
        read_keys(path)
    assert "secret" not in str(raised.value)


@pytest.mark.parametrize("raw", [b"", b"{", b"[]", b"\xff"])
def test_what_is_no_json_object_is_refused(path: Path, raw: bytes) -> None:
    add_key(path)
    path.write_bytes(raw)
    with pytest.raises(InputError, match="is no file of keys: "):
        read_keys(path)


def test_a_file_beyond_all_bounds_is_refused(path: Path) -> None:
    add_key(path)
    path.write_bytes(b" " * (MOST_BYTES + 1))
    with pytest.raises(InputError, match=r"at most 1,048,576 bytes, found a larger one$"):
        read_keys(path)


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe", 0o600)
    for path, said in (
        (tmp_path / "no", "No such file"),
        (tmp_path, "Is a directory"),
        (tmp_path / "pipe", "no regular"),
    ):
        with pytest.raises(InputError, match=said):
            read_keys(path)


def test_a_file_that_cannot_be_written_leaves_the_one_that_is_there(path: Path) -> None:
    add_key(path)
    before = path.read_bytes()
    with pytest.raises(InputError, match=r"cannot be written: No such file or directory$"):
        write_keys(path.parent / "nowhere" / "keys.json", ())
    assert path.read_bytes() == before
