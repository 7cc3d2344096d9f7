from pathlib import Path

import pytest

from model.errors import InputError
from model.output_file import refuse_taken, write_whole


def test_a_file_appears_whole_and_alone(tmp_path: Path) -> None:
    write_whole(tmp_path / "a.bin", b"all of it")
    assert [file.name for file in tmp_path.iterdir()] == ["a.bin"]
    assert (tmp_path / "a.bin").read_bytes() == b"all of it"


def test_a_file_that_is_there_is_never_overwritten(tmp_path: Path) -> None:
    (tmp_path / "a.bin").write_bytes(b"mine")
    with pytest.raises(InputError, match=r"a.bin: is already there; outputs are never overwritten"):
        refuse_taken(tmp_path / "a.bin")
    with pytest.raises(InputError, match=r"a.bin: is already there; outputs are never overwritten"):
        write_whole(tmp_path / "a.bin", b"yours")
    assert [file.read_bytes() for file in tmp_path.iterdir()] == [b"mine"]


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"a.bin: cannot be written: No such file or directory"):
        write_whole(tmp_path / "gone" / "a.bin", b"x")
