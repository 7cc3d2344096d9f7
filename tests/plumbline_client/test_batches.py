"""Many samples through a real service: in order, few at a time, and in parts that it takes."""

from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import numpy as np
import pytest

from plumbline_client import InvalidRequestError, PlumblineClient, TooLargeError
from plumbline_client.batches import Batches
from tests.samples import FEATURES, clean_rows
from tests.service.bundles import GOLDEN_MODELS
from tests.service.programs import serving

NAMES = [feature.name for feature in FEATURES]


def test_results_come_in_order_whatever_the_samples_come_in(client: PlumblineClient) -> None:
    x = clean_rows(25)
    expected = [result.score for result in client.score(x).results]
    for samples in (x, x.tolist(), iter(x), (dict(zip(NAMES, row, strict=True)) for row in x)):
        assert [result.score for result in client.score_many(samples, batch=10)] == expected


def test_ids_go_along(client: PlumblineClient) -> None:
    ids = [f"row {at}" for at in range(25)]
    assert [result.id for result in client.score_many(clean_rows(25), ids=iter(ids), batch=10)] == ids


def test_samples_are_taken_when_they_are_needed(client: PlumblineClient) -> None:
    taken = 0

    def endless() -> Iterator[list[float]]:
        nonlocal taken
        for row in clean_rows(10_000).tolist():
            taken += 1
            yield row

    assert len([*islice(client.score_many(endless(), batch=10), 25)]) == 25
    assert taken == 30


def test_nothing_is_asked_for_no_samples(client: PlumblineClient) -> None:
    assert [*client.score_many([])] == []
    assert [*client.score_many(np.empty((0, 4)))] == []


def test_as_many_ids_as_samples_are_needed(client: PlumblineClient) -> None:
    for ids, found in (([1, 2], "fewer"), ([1, 2, 3, 4], "more")):
        with pytest.raises(ValueError, match=f"one id for each sample, found {found}"):
            [*client.score_many(clean_rows(3).tolist(), ids=ids, batch=2)]
    with pytest.raises(ValueError, match="at least one sample, found 0"):
        [*client.score_many([], batch=0)]


def test_what_was_judged_before_a_fault_is_not_lost(client: PlumblineClient) -> None:
    results = client.score_many([*clean_rows(4).tolist(), [1.0]], batch=2)
    assert len([*islice(results, 4)]) == 4
    with pytest.raises(InvalidRequestError, match="wrong_structure"):
        next(results)


@pytest.mark.parametrize(("setting", "most"), [("PLUMBLINE_MAX_SAMPLES", "7"), ("PLUMBLINE_MAX_BODY_BYTES", "700")])
def test_batches_that_are_too_large_are_split(tmp_path: Path, client: PlumblineClient, setting: str, most: str) -> None:
    x = clean_rows(50)
    expected = [result.score for result in client.score(x).results]
    ids = [*range(50)]
    with (
        serving(GOLDEN_MODELS, tmp_path / "log", **{setting: most}) as service,  # type: ignore[arg-type]
        PlumblineClient(service.url) as narrow,
    ):
        for samples in (x, x.tolist()):
            found = [*narrow.score_many(samples, ids=ids, batch=40)]
            assert [(result.id, result.score) for result in found] == [*zip(ids, expected, strict=True)]
        refused = [line for line in service.lines if line.get("status") == 413]
    assert 0 < len(refused) <= 10


def test_a_sample_that_is_too_large_alone_is_told(tmp_path: Path) -> None:
    with (
        serving(GOLDEN_MODELS, tmp_path / "log", PLUMBLINE_MAX_BODY_BYTES="10") as service,
        PlumblineClient(service.url) as narrow,
        pytest.raises(TooLargeError, match="body_too_large"),
    ):
        next(narrow.score_many(clean_rows(3).tolist()))


def test_once_split_what_follows_is_taken_in_smaller_batches() -> None:
    parts = Batches([[float(at)] for at in range(10)], None, 6)
    first = next(parts)
    parts.split(first, TooLargeError("too many", code="too_many_samples", details={"max_samples": 4}))
    assert [len(part) for part in parts] == [4, 2, 4]
