from pathlib import Path

import pytest

from benchmarks.quality.published import FILE, Published, read_published
from model.errors import InputError


def write(folder: Path, text: str) -> Path:
    (folder / FILE).parent.mkdir()
    (folder / FILE).write_text(text)
    return folder


def test_figures_are_read_by_set_and_method_and_the_line_of_means_is_not_one(tmp_path: Path) -> None:
    published = read_published(write(tmp_path, "dataset,PCA,KNN\n1_one,90.1,89\n2_two,9.5,\nMEAN,49.8,89\n"))
    assert published == Published({"1_one": {"PCA": 90.1, "KNN": 89.0}, "2_two": {"PCA": 9.5}})
    assert published.of("2_two", "KNN") is None
    assert published.best("1_one") == (90.1, "PCA")
    assert published.best("3_three") is None


def test_the_best_single_method_is_that_of_the_highest_mean_over_the_very_sets(tmp_path: Path) -> None:
    published = read_published(write(tmp_path, "dataset,A,B,C\n1_one,60,70,99\n2_two,90,70,\n"))
    assert published.best_single(["1_one", "2_two"]) == (75.0, "A")
    assert published.best_single(["1_one"]) == (99.0, "C")
    assert published.best_single(["1_one", "3_three"]) is None


def test_no_file_is_no_figures_and_a_bad_one_is_refused(tmp_path: Path) -> None:
    assert read_published(tmp_path) == Published({})
    file = write(tmp_path, "dataset,PCA\n1_one,n/a\n") / FILE
    with pytest.raises(InputError, match="line 2, PCA: expected an AUROC in percent, found 'n/a'"):
        read_published(tmp_path)
    file.write_text("set,PCA\n1_one,80\n")
    with pytest.raises(InputError, match="expected a column named dataset, found set, PCA"):
        read_published(tmp_path)
