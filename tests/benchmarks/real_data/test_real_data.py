from pathlib import Path

import numpy as np
import pytest
from typer import Typer
from typer.testing import CliRunner

from benchmarks.real_data.__main__ import main
from benchmarks.real_data.adbench import best_published
from benchmarks.real_data.detector import write_table
from benchmarks.real_data.outcome import Outcome, outcome_row
from model.errors import InputError
from training.evaluate import evaluate
from training.raw_data import Columns, read_table


def test_where_the_data_are_not_there_one_sentence_says_what_is_missing(tmp_path: Path) -> None:
    command = Typer()
    command.command()(main)
    done = CliRunner().invoke(command, ["--data", str(tmp_path)])
    assert done.exit_code == 2
    assert done.stderr.startswith(f"error: {tmp_path}: expected tep/d00.dat (and ")
    assert done.stderr.count("\n") == 1


def test_rows_that_are_written_are_read_back_to_the_bit(tmp_path: Path) -> None:
    rows = np.random.default_rng(0).normal(size=(50, 3)) * [1e-9, 1, 1e12]
    file = write_table(tmp_path / "rows.csv", ("a", "b", "c"), rows)
    np.testing.assert_array_equal(read_table([str(file)], Columns()).values, rows)


def test_the_best_published_method_of_a_set_is_found(tmp_path: Path) -> None:
    file = tmp_path / "auroc.csv"
    file.write_text("dataset,PCA,KNN,VAE\n1_one,90.1,89.9,70\n2_two,9.5,88.25,80\n")
    assert best_published(file, "1_one") == "90.1 PCA"
    assert best_published(file, "2_two") == "88.2 KNN"
    with pytest.raises(InputError, match="no line for 3_three"):
        best_published(file, "3_three")


def test_the_promise_stands_beside_what_was_achieved_and_what_there_is_none_of_stays_empty() -> None:
    anomalous = np.arange(10) >= 6
    both = evaluate(np.arange(10.0), anomalous, threshold=4.5)
    clean = evaluate(np.arange(10.0), np.zeros(10, dtype=bool), threshold=8.5)
    assert outcome_row(Outcome("both", 0.01, both, "99.0 PCA")) == (
        *("both", "6", "1%", "16.7%", "0.4% to 64.1%"),
        *("4", "100.0%", "100.0", "99.0 PCA"),
    )
    assert outcome_row(Outcome("clean", 0.001, clean)) == (
        *("clean", "10", "0.1%", "10.0%", "0.3% to 44.5%"),
        *("", "", "", ""),
    )
