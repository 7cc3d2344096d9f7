from datetime import UTC, datetime
from pathlib import Path

import pytest

from service.access.key import MOST_BYTES, PREFIX, new_key
from service.access.keyring import Keyring
from service.access.keys_file import RateLimit, read_keys
from service.access.rate import Rate
from service.access.scope import Scope
from tests.service.access.keys import EVERY, add_key


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "keys.json"


def test_each_key_opens_what_its_entry_says(path: Path) -> None:
    keys = {name: add_key(path, name, (scope,)) for name, scope in (("a", Scope.SCORE), ("b", Scope.READ))}
    ring = Keyring(read_keys(path))
    for name, scope in (("a", Scope.SCORE), ("b", Scope.READ)):
        found = ring.find(keys[name].encode())
        assert found is not None
        assert (found.name, found.scopes) == (name, frozenset({scope}))


def test_admin_may_do_everything(path: Path) -> None:
    key = add_key(path, "all", (Scope.ADMIN,))
    found = Keyring(read_keys(path)).find(key.encode())
    assert found is not None
    assert found.scopes == set(EVERY)


def test_what_is_no_key_of_ours_opens_nothing(path: Path) -> None:
    key = add_key(path)
    ring = Keyring(read_keys(path))
    digest = read_keys(path).keys[0].sha256
    guesses = ["", key[:-1], key + "x", key.swapcase(), new_key(), digest, PREFIX, "x" * (MOST_BYTES + 1)]
    assert [ring.find(guess.encode()) for guess in guesses] == [None] * len(guesses)


def test_an_end_is_a_time_and_without_one_there_is_none(path: Path) -> None:
    end = datetime(2031, 5, 1, tzinfo=UTC)
    keys = add_key(path, "a", not_after=end), add_key(path, "b")
    ends = [found.not_after for key in keys if (found := Keyring(read_keys(path)).find(key.encode()))]
    assert ends == [end.timestamp(), float("inf")]


def test_a_key_without_a_rate_of_its_own_has_the_default(path: Path) -> None:
    own = add_key(path, "own", rate_limit=RateLimit(requests_per_second=2, burst=7, samples_per_second=100))
    bare, samples = add_key(path, "bare"), add_key(path, "samples", rate_limit=RateLimit(samples_per_second=9))
    ring = Keyring(read_keys(path), Rate(50, 50))
    rates = [(found.requests, found.samples) for key in (own, bare, samples) if (found := ring.find(key.encode()))]
    assert rates == [(Rate(2, 7), Rate(100, 100)), (Rate(50, 50), None), (Rate(50, 50), Rate(9, 9))]


def test_keys_are_unlike_each_other_and_recognisable() -> None:
    keys = {new_key() for _ in range(100)}
    assert len(keys) == 100
    assert all(key.startswith(PREFIX) and len(key) == len(PREFIX) + 43 for key in keys)
