from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from numpy.typing import NDArray
from pyarrow import csv
from typer.testing import CliRunner, Result

from model.bundle import read_bundle
from model.generator import Generator
from model.tables.sources import resolve_sources
from model.tables.table import read_rows
from service.generation.command import app
from tests.golden.bundle import GOLDEN_BUNDLE
from tests.samples import FEATURES, clean_rows

NAMES = [feature.name for feature in FEATURES]


def generate(*arguments: object, bundle: Path = GOLDEN_BUNDLE) -> Result:
    return CliRunner().invoke(app, [str(bundle), *map(str, arguments)])


def read(path: Path) -> NDArray[np.float64]:
    (source,) = resolve_sources([str(path)])
    return np.vstack([block.numbers(NAMES)[0] for block in read_rows(source)])


def table(path: Path, rows: NDArray[np.float64]) -> Path:
    csv.write_csv(pa.table(dict(zip(NAMES, rows.T, strict=True))), path)
    return path


@pytest.mark.parametrize("name", ["samples.csv", "samples.parquet", "samples.NPZ"])
def test_draws_go_to_a_file_that_is_read_again_to_the_bit(name: str, tmp_path: Path) -> None:
    done = generate("--n", 20, "--seed", 7, "--out", tmp_path / name)
    assert done.exit_code == 0, done.output
    assert f"{name}: 20 samples of 4 features; 0 of 20 outside the declared ranges" in done.output
    np.testing.assert_array_equal(read(tmp_path / name), Generator(read_bundle(GOLDEN_BUNDLE)).draw(20, 7).samples)


def test_the_same_seed_writes_the_same_bytes(tmp_path: Path) -> None:
    for name in ("a.csv", "b.csv"):
        assert generate("--seed", 3, "--out", tmp_path / name).exit_code == 0
    assert (tmp_path / "a.csv").read_bytes() == (tmp_path / "b.csv").read_bytes()


def test_a_path_leads_between_the_two_rows_of_a_file(tmp_path: Path) -> None:
    ends = clean_rows(2)
    done = generate("--between", table(tmp_path / "ends.csv", ends), "--steps", 5, "--out", tmp_path / "path.csv")
    assert done.exit_code == 0, done.output
    expected = Generator(read_bundle(GOLDEN_BUNDLE)).between(ends[0], ends[1], 5).samples
    np.testing.assert_array_equal(read(tmp_path / "path.csv"), expected)


def test_the_ends_may_be_in_two_files(tmp_path: Path) -> None:
    ends = clean_rows(2)
    files = [table(tmp_path / f"{row}.csv", ends[row : row + 1]) for row in (0, 1)]
    done = generate("--between", files[0], "--between", files[1], "--steps", 2, "--out", tmp_path / "path.csv")
    assert done.exit_code == 0, done.output
    assert len(read(tmp_path / "path.csv")) == 2


def test_wrong_input_is_one_sentence_and_writes_nothing(tmp_path: Path) -> None:
    taken = tmp_path / "taken.csv"
    taken.write_text("mine")
    out = tmp_path / "out.csv"
    one, three = table(tmp_path / "one.csv", clean_rows(1)), table(tmp_path / "three.csv", clean_rows(3))
    hot = table(tmp_path / "hot.csv", clean_rows(2) + np.array([[0, 0, 4000, 0], [0, 0, 0, 0]]))
    for arguments, said in (
        (("--out", tmp_path / "samples.xlsx"), "samples.xlsx: expected a file name that ends in .csv, .parquet, .npz"),
        (("--out", taken), "taken.csv: is already there; outputs are never overwritten"),
        (("--out", tmp_path / "no" / "out.csv"), "out.csv: cannot be written: No such file"),
        (("--n", 6_000_000, "--out", out), "6,000,000 samples are asked for; a file may hold 5,000,000 of 4 values"),
        (("--between", one, "--out", out), "one.csv: expected two samples to go between, found 1"),
        (("--between", three, "--out", out), "three.csv: expected two samples to go between, found more"),
        (("--between", hot, "--out", out), "hot.csv: row 1: out_of_range: 'temperature'"),
        (("--between", tmp_path / "gone.csv", "--out", out), "gone.csv"),
    ):
        done = generate(*arguments)
        assert (done.exit_code, said in done.output) == (2, True), done.output
        assert done.output.count("\n") == 1
    assert taken.read_text() == "mine"
    assert not out.exists()
