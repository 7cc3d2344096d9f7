from pathlib import Path

import pytest

from service.registry.decisions import Decision
from service.registry.directory import ModelsDirectory
from service.registry.journal import Journal
from service.registry.lineage import Lineage, to_try
from service.registry.loading import Loader
from tests.service.bundles import put_bundle
from tests.service.registry.load import spoil_graph

FREE = Decision()


def lineage_of(models: Path) -> Lineage:
    return Lineage("pump", ModelsDirectory(models), Loader("cpu"), Journal(), is_awaited=True)


def served(lineage: Lineage) -> int | None:
    return lineage.served.version if lineage.served else None


@pytest.mark.parametrize(
    ("pinned", "now", "expected"),
    [
        (None, None, [3, 2, 1]),
        (None, 2, [3, 2]),
        (None, 3, [3]),
        (None, 7, [3, 2, 1]),  # what serves is gone
        (2, None, [2, 1]),
        (2, 3, [2]),
        (2, 1, [2]),
        (2, 7, [2, 1]),
        (9, 3, []),  # what serves is as good as any where the pinned one is not there
    ],
)
def test_what_is_tried(pinned: int | None, now: int | None, expected: list[int]) -> None:
    assert to_try([3, 2, 1], pinned, now) == expected


def test_a_pin_goes_back_and_forward(tmp_path: Path) -> None:
    for version in (1, 2, 3):
        put_bundle(tmp_path, version=version)
    lineage = lineage_of(tmp_path)
    met = []
    for pinned in (None, 1, 2, None):
        lineage.follow([3, 2, 1], Decision(pinned=pinned))
        met.append(served(lineage))
    assert met == [3, 1, 2, 3]


def test_a_pinned_version_that_is_bad_replaces_nothing(tmp_path: Path) -> None:
    put_bundle(tmp_path, version=1, change=spoil_graph)
    put_bundle(tmp_path, version=2)
    lineage = lineage_of(tmp_path)
    lineage.follow([2, 1], FREE)
    lineage.follow([2, 1], Decision(pinned=1))
    assert served(lineage) == 2


def test_a_version_replaced_in_its_place_is_taken_up(tmp_path: Path) -> None:
    put_bundle(tmp_path)
    lineage = lineage_of(tmp_path)
    lineage.follow([1], FREE)
    before = lineage.served
    put_bundle(tmp_path, change=lambda manifest, _: manifest["training"].update(code_version="another"))
    lineage.follow([1], FREE)
    after = lineage.served
    assert before is not None
    assert after is not None
    assert (before.version, after.version) == (1, 1)
    assert before.digest != after.digest


def test_a_version_that_is_touched_stays_the_same_model(tmp_path: Path) -> None:
    bundle = put_bundle(tmp_path)
    lineage = lineage_of(tmp_path)
    lineage.follow([1], FREE)
    before = lineage.served
    (bundle / "manifest.json").touch()
    lineage.follow([1], FREE)
    assert lineage.served is before


def test_a_version_spoilt_in_its_place_goes_on_as_it_was_loaded(tmp_path: Path) -> None:
    bundle = put_bundle(tmp_path)
    lineage = lineage_of(tmp_path)
    lineage.follow([1], FREE)
    (bundle / "manifest.json").write_text("{}")
    lineage.follow([1], FREE)
    assert served(lineage) == 1
    assert [refused.version for refused in lineage.named(FREE).refused] == [1]
