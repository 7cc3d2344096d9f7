from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from typer import Typer
from typer.testing import CliRunner

from benchmarks.quality.__main__ import main
from benchmarks.quality.baselines import BASELINES
from benchmarks.quality.jobs import OURS, Job, run_job
from benchmarks.quality.plumbline import learnable_columns, plumbline_scores
from benchmarks.quality.protocol import OneClassSplit
from benchmarks.quality.provenance import Provenance
from benchmarks.quality.published import FILE
from benchmarks.quality.results_file import NAME, Key, Result, open_results
from benchmarks.real_data.detector import write_table
from training.clean_data import read_clean_data
from training.config import TrainingConfig

SMALL_NETWORK = {"fit": {"steps": 60}, "vae": {"hidden": [8], "latent_size": 2}}
TINY = TrainingConfig.model_validate({**SMALL_NETWORK, "data": {"constant": "drop", "duplicate": "drop"}})
EARLIER = Provenance("d", "c", "c")
Array = NDArray[np.generic]


def extreme_sets() -> Mapping[str, tuple[Array, Array]]:
    """Return sets of shapes that break what was only tried on well-behaved ones; anomalies are the last rows."""
    rng = np.random.default_rng(0)
    y = np.arange(120) >= 110
    causes = rng.normal(size=(120, 3)) + 5 * y[:, None]
    ordinary = causes @ rng.normal(size=(3, 6)) + 0.1 * rng.normal(size=(120, 6))
    bits = np.repeat(rng.random((120, 3)) > 0.5, 3, axis=1) ^ (rng.random((120, 9)) > 0.95)
    bits[y] = rng.random((10, 9)) > 0.5  # what stood in threes does not any more
    rare = np.zeros((120, 4))
    rare[[3, 20, 40, 115], [0, 1, 2, 3]] = 1  # columns that change in a single row, or in none that is trained on
    return {
        "1_wider_than_long": (causes @ rng.normal(size=(3, 130)) + rng.normal(size=(120, 130)), y),
        "2_repeated_rows": (np.round(ordinary / 4), y.astype(float)),
        "3_binary": (bits.astype(np.uint8), y.astype(np.int8)),
        "4_constant": (np.hstack([ordinary, np.full((120, 1), 7.0), rare, ordinary[:, :1]]), y.astype(np.uint64)),
        "5_integers": ((100 * ordinary).astype(np.int16), y),
        "6_large_offset": (1e9 + ordinary * np.logspace(-3, 3, 6), y),
        "7_heavy_tails": (np.sign(ordinary) * np.abs(ordinary) ** 5, y),
    }


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    data = tmp_path_factory.mktemp("data")
    (data / "tabular").mkdir()
    for name, (x, y) in extreme_sets().items():
        np.savez(data / "tabular" / f"{name}.npz", X=x, y=y)
    (data / FILE).parent.mkdir()
    (data / FILE).write_text("dataset,VAE,KNN\n1_wider_than_long,70.5,99.5\n5_integers,71,88\n")
    return data


def outcome(folder: Path, name: str, method: str) -> Result:
    return run_job(Job(Key(name, "honest", method, 1), folder / "tabular" / f"{name}.npz", TINY, EARLIER))


@pytest.mark.parametrize("name", list(extreme_sets()))
def test_plumbline_ranks_sets_of_extreme_shape(folder: Path, name: str) -> None:
    result = outcome(folder, name, OURS)
    assert result.key == (name, "honest", OURS, 1)
    assert result.measures.auroc > 0.6


@pytest.mark.parametrize("method", list(BASELINES))
def test_each_baseline_finds_what_leaves_the_subspace_or_its_range(folder: Path, method: str) -> None:
    found = {name: outcome(folder, name, method).measures.auroc for name in extreme_sets()}
    assert {name: auroc for name, auroc in found.items() if auroc < 0.6} == {}


def test_what_plumbline_makes_of_a_set_hangs_on_the_seed_alone() -> None:
    x, y = extreme_sets()["4_constant"]
    split = OneClassSplit(x[:60].astype(float), x[60:].astype(float), y[60:].astype(bool))
    scores = [plumbline_scores(split, TINY.model_copy(update={"seed": seed})).scores for seed in (0, 0, 1)]
    np.testing.assert_array_equal(scores[0], scores[1])
    assert not np.array_equal(scores[0], scores[2])


def test_columns_are_left_out_as_the_training_command_leaves_them_out(tmp_path: Path) -> None:
    rows = extreme_sets()["4_constant"][0].astype(np.float64)
    names = tuple(f"x{column}" for column in range(rows.shape[1]))
    file = write_table(tmp_path / "rows.csv", names, rows)
    kept = read_clean_data([str(file)], TINY, None).spec.names
    assert [names[column] for column in learnable_columns(rows)] == list(kept)
    assert len(kept) == len(names) - 2


def run(folder: Path, out: Path, *options: str) -> tuple[int, str]:
    command = Typer()
    command.command()(main)
    done = CliRunner().invoke(command, ["--data", str(folder), "--out", str(out), *options])
    return done.exit_code, done.output


def test_a_run_measures_what_is_missing_or_no_longer_holds_and_shows_and_draws_it(folder: Path, tmp_path: Path) -> None:
    out, config = tmp_path / "out", tmp_path / "tiny.toml"
    config.write_text("fit.steps = 60\nvae.hidden = [8]\n")
    options = ("--sets", "5_integers", "--seeds", "0", "--workers", "1", "--config", str(config))
    with open_results(out) as results:
        results.append(replace(outcome(folder, "5_integers", OURS), seed=0))

    code, said = run(folder, out, *options)
    assert code == 0, said
    assert "1 of Plumbline's results no longer hold (the set, the configuration, the code changed)" in said
    line = next(line for line in said.splitlines() if line.startswith("| 5_integers"))
    assert [cell.strip() for cell in line.split("|")][8:15] == ["71.00", "", "88.00", "", "", "88.00", "KNN"]
    assert "honest: small sets as they are" in said
    assert "training Plumbline, the longest run of each set" in said
    assert (out / "quality.png").read_bytes().startswith(b"\x89PNG")
    measured = (out / NAME).read_bytes()
    assert measured.count(b"\n") == 1 + 10  # five methods, resampled and as they are

    code, again = run(folder, out, *options)
    assert code == 0, again
    assert "10 of 10 results are there already" in again
    assert (out / NAME).read_bytes() == measured
    assert [line for line in again.splitlines() if line.startswith("|")] == [
        line for line in said.splitlines() if line.startswith("|")
    ]


def test_an_unknown_set_or_seed_is_refused_before_anything_is_measured(folder: Path, tmp_path: Path) -> None:
    code, said = run(folder, tmp_path / "out", "--sets", "5_integer")
    assert code == 2
    assert "--sets: there is no set 5_integer; there are 1_wider_than_long, " in said
    code, said = run(folder, tmp_path / "out", "--seeds", "0,one")
    assert code == 2
    assert "--seeds: expected whole numbers below 2^32 with commas between, found '0,one'" in said
    assert not (tmp_path / "out").exists()
