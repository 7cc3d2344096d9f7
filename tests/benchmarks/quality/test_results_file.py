from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.quality.measures import Measures
from benchmarks.quality.provenance import Provenance
from benchmarks.quality.results_file import NAME, Result, open_results, still_valid
from model.errors import InputError

RESULT = Result("3_pump", "published", "kNN-5", 0, Provenance("d", "", "c"), Measures(0.9, 0.8, 0.7), 1.5, 1.25)


def test_results_are_read_back_as_they_were_written(tmp_path: Path) -> None:
    others = [replace(RESULT, seed=seed) for seed in (1, 2)]
    with open_results(tmp_path / "new") as file:
        assert file.read() == []
        file.append(RESULT)
    with open_results(tmp_path / "new") as file:
        for other in others:
            file.append(other)
        assert file.read() == [RESULT, *others]


def test_a_line_that_was_cut_short_is_measured_again(tmp_path: Path) -> None:
    with open_results(tmp_path) as file:
        file.append(RESULT)
        file.append(replace(RESULT, seed=1))
    whole = (tmp_path / NAME).read_bytes()
    (tmp_path / NAME).write_bytes(whole[:-20])
    with open_results(tmp_path) as file:
        assert file.read() == [RESULT]
        file.append(replace(RESULT, seed=1))
    assert (tmp_path / NAME).read_bytes() == whole


def test_a_line_that_is_no_result_is_named(tmp_path: Path) -> None:
    with open_results(tmp_path) as file:
        file.append(RESULT)
    with (tmp_path / NAME).open("a") as file:
        file.write('{"name": "3_pump"}\n')
    with open_results(tmp_path) as results, pytest.raises(InputError, match="line 2 is no result .*; remove the file"):
        results.read()


def test_two_runs_do_not_write_to_the_same_results(tmp_path: Path) -> None:
    with (
        open_results(tmp_path),
        pytest.raises(InputError, match="another run is writing to it"),
        open_results(tmp_path),
    ):
        pass


def test_a_result_holds_as_long_as_set_configuration_and_code_do() -> None:
    now = RESULT.provenance
    wanted = {replace(RESULT, seed=seed).key: now for seed in range(4)}
    old_code, old_set = replace(now, code="b"), replace(now, data="e", config="f")
    results = [
        RESULT,
        replace(RESULT, seed=1, provenance=old_code),
        replace(RESULT, seed=2, provenance=old_set),
        replace(RESULT, seed=3, provenance=old_code),
        replace(RESULT, seed=3),  # measured again since
        replace(RESULT, seed=9, provenance=old_code),  # not asked for
    ]
    valid, stale = still_valid(results, wanted)
    assert sorted(key.seed for key in valid) == [0, 3]
    assert stale == {("kNN-5", ("the code",)): 1, ("kNN-5", ("the set", "the configuration")): 1}
