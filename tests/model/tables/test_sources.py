"""Which files a command was given."""

import os
from pathlib import Path

import pytest
from pyarrow import fs

from model.errors import InputError
from model.tables.sources import resolve_sources
from model.tables.table import column_names


def _write(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("a\n1\n")


def _names(*inputs: Path | str) -> list[str]:
    return [source.name for source in resolve_sources([str(name) for name in inputs])]


def test_a_directory_gives_its_readable_files_at_any_depth_in_order(tmp_path: Path) -> None:
    _write(tmp_path, "b.csv", "a.parquet", "deep/er/c.NPY", "deep/d.npz", "readme.txt")
    assert _names(tmp_path) == [f"{tmp_path}/{name}" for name in ("a.parquet", "b.csv", "deep/d.npz", "deep/er/c.NPY")]


def test_a_directory_passes_over_names_that_begin_with_a_dot(tmp_path: Path) -> None:
    _write(tmp_path, "a.csv", ".incoming-1/b.csv", ".c.csv")
    assert _names(tmp_path) == [f"{tmp_path}/a.csv"]


def test_a_directory_whose_links_go_round_in_circles_is_read_once(tmp_path: Path) -> None:
    _write(tmp_path, "a.csv", "deep/b.csv")
    (tmp_path / "deep" / "round").symlink_to(tmp_path)
    assert _names(tmp_path) == [f"{tmp_path}/a.csv", f"{tmp_path}/deep/b.csv"]


def test_a_glob_gives_its_matches_in_order(tmp_path: Path) -> None:
    _write(tmp_path, "2.csv", "1.csv", "3.parquet")
    assert _names(tmp_path / "*.csv") == [f"{tmp_path}/1.csv", f"{tmp_path}/2.csv"]


def test_a_file_whose_name_looks_like_a_glob_is_taken_by_its_name(tmp_path: Path) -> None:
    _write(tmp_path, "run[1].csv", "run1.csv")
    assert _names(tmp_path / "run[1].csv") == [f"{tmp_path}/run[1].csv"]


def test_a_url_opens_files_and_directories(tmp_path: Path) -> None:
    _write(tmp_path, "a.csv", "b/c.csv")
    assert _names(f"file://{tmp_path}") == [f"file://{tmp_path}/a.csv", f"file://{tmp_path}/b/c.csv"]
    assert _names(f"file://{tmp_path}/a.csv") == [f"file://{tmp_path}/a.csv"]


def test_a_directory_of_an_object_store_is_listed_and_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _write(tmp_path, "bucket/b.csv", "bucket/deep/a.csv", "bucket/.c.csv", "bucket/notes.txt")

    class Stores:
        """Opens store:// as Arrow opens s3://: a file system that is not the local one."""

        @staticmethod
        def from_uri(uri: str) -> tuple[fs.FileSystem, str]:
            return fs.SubTreeFileSystem(str(tmp_path), fs.LocalFileSystem()), uri.removeprefix("store://")

    monkeypatch.setattr(fs, "FileSystem", Stores)
    assert _names("store://bucket", "store://bucket/b.csv") == ["store://bucket/b.csv", "store://bucket/deep/a.csv"]
    assert [column_names(source) for source in resolve_sources(["store://bucket"])] == [["a"], ["a"]]


def test_a_file_given_in_several_ways_is_read_once_at_its_first_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _write(tmp_path, "a.csv", "b.csv")
    monkeypatch.chdir(tmp_path)
    assert _names("b.csv", tmp_path, "./a.csv", f"file://{tmp_path}/b.csv") == ["b.csv", f"{tmp_path}/a.csv"]


@pytest.mark.parametrize(
    ("name", "complaint"),
    [
        ("nowhere.csv", "no such file or directory"),
        ("*.parquet", "nothing matches this pattern"),
        ("notes.txt", r"expected one of \.csv, \.parquet, \.npz, \.npy, found \.txt"),
        ("README", "expected one of .* found no extension"),
        ("empty", "expected a directory that holds .* files, found none"),
        ("pipe.csv", "expected a regular file or a directory"),
        ("links", r"links/broken\.csv: no such file or directory"),
    ],
)
def test_what_cannot_be_read_is_named(tmp_path: Path, name: str, complaint: str) -> None:
    _write(tmp_path, "notes.txt", "README", "empty/notes.txt", "links/a.csv")
    (tmp_path / "links" / "broken.csv").symlink_to(tmp_path / "gone.csv")
    os.mkfifo(tmp_path / "pipe.csv")
    with pytest.raises(InputError, match=complaint):
        resolve_sources([str(tmp_path / name)])


@pytest.mark.parametrize("url", ["ftp://host/a.csv", "file:///no/such/file.csv", "file://not a url/a.csv"])
def test_a_url_that_does_not_open_is_named(url: str) -> None:
    with pytest.raises(InputError, match=url.split(":")[0]):
        resolve_sources([url])


def test_an_empty_name_is_not_the_current_directory() -> None:
    with pytest.raises(InputError, match="empty name"):
        resolve_sources([""])
