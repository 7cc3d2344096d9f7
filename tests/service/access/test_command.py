"""plumbline-keys as an operator meets it: a process, its exit code and its words."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest

from service.access.keyring import Keyring
from service.access.keys_file import RateLimit, read_keys
from service.access.scope import Scope
from tests.service.programs import CLEAN


def run(path: Path, *arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "service.access.command", *arguments],
        env=CLEAN | {"PLUMBLINE_KEYS": str(path)},
        input=stdin,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "keys.json"


def test_a_key_is_printed_once_and_opens_what_was_asked_for(path: Path) -> None:
    limits = ("--rate-limit", "5", "--burst", "9", "--samples-per-second", "200")
    made = run(path, "create", "line-3", "--scope", "score", "--scope", "read", "--not-after", "2031-05-01", *limits)
    assert made.returncode == 0, made.stderr
    key = made.stdout.rstrip("\n")
    (entry,) = read_keys(path).keys
    assert (entry.name, entry.scopes) == ("line-3", (Scope.SCORE, Scope.READ))
    assert entry.not_after == datetime(2031, 5, 1, tzinfo=UTC)
    assert entry.rate_limit == RateLimit(requests_per_second=5, burst=9, samples_per_second=200)
    assert Keyring(read_keys(path)).find(key.encode()) is not None
    listed = run(path, "list")
    assert key not in made.stderr + listed.stdout
    assert entry.sha256[:8] not in listed.stdout
    cells = listed.stdout.splitlines()[1].split()
    assert (cells[:3], cells[4:]) == (["line-3", "score,", "read"], ["2031-05-01", "00:00", "5", "9", "200"])


def test_a_revoked_key_is_gone_and_the_others_stay(path: Path) -> None:
    keys = {name: run(path, "create", name, "--scope", "read").stdout.strip() for name in ("a", "b")}
    assert run(path, "revoke", "a").returncode == 0
    ring = Keyring(read_keys(path))
    assert [ring.find(key.encode()) is not None for key in keys.values()] == [False, True]


def test_whose_a_key_is_can_be_asked_without_showing_it_to_others(path: Path) -> None:
    key = run(path, "create", "engineer", "--scope", "admin").stdout
    assert run(path, "check", "--key", stdin=key).stdout == "engineer: admin, read, score\n"
    unknown = run(path, "check", "--key", stdin="plumbline_other\n")
    assert (unknown.returncode, unknown.stderr) == (2, "error: the key is none of this file\n")


def test_a_key_that_has_ended_is_told(path: Path) -> None:
    key = run(path, "create", "late", "--scope", "read", "--not-after", "2020-01-01").stdout
    assert run(path, "check", "--key", stdin=key).stderr == "error: the key 'late' has expired\n"
    assert "(has ended)" in run(path, "list").stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("create", "a", "--scope", "read"), "there is a key 'a' already"),
        (("create", "a b", "--scope", "read"), "name: string should match"),
        (
            ("create", "b", "--scope", "read", "--rate-limit", "0"),
            "requests_per_second: input should be greater than 0",
        ),
        (("create", "b", "--scope", "read", "--burst", "0"), "burst: input should be greater than or equal to 1"),
        (("create", "b", "--scope", "read", "--rate-limit", "nan"), "requests_per_second: input should be"),
        (("revoke", "b"), "there is no key 'b'"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_sentence_and_changes_nothing(
    path: Path, arguments: tuple[str, ...], said: str
) -> None:
    run(path, "create", "a", "--scope", "read")
    before = path.read_bytes()
    refused = run(path, *arguments)
    assert (refused.returncode, refused.stderr.count("\n")) == (2, 1), refused.stderr
    assert said in refused.stderr
    assert path.read_bytes() == before


def test_what_the_service_would_refuse_is_found_by_check(path: Path) -> None:
    assert run(path, "check").returncode == 2
    run(path, "create", "a", "--scope", "read")
    assert run(path, "check").stdout == f"{path}: 1 key\n"
    path.chmod(0o644)
    refused = run(path, "check")
    assert refused.returncode == 2
    assert "found mode 0644; chmod 600 it, or 640" in refused.stderr


def test_keys_made_at_the_same_time_are_all_kept(path: Path) -> None:
    names = [f"key-{number}" for number in range(6)]
    with ThreadPoolExecutor(len(names)) as threads:
        made = list(threads.map(lambda name: run(path, "create", name, "--scope", "read"), names))
    assert [one.returncode for one in made] == [0] * len(names)
    assert sorted(entry.name for entry in read_keys(path).keys) == names
    assert [file.name for file in path.parent.iterdir()] == [path.name]
