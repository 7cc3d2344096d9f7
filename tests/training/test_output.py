from pathlib import Path

import pytest

from model.errors import InputError
from training.output import model_folder


def test_folders_that_are_made_and_stay_empty_go_again(tmp_path: Path) -> None:
    with model_folder(tmp_path / "deep" / "models" / "pump"):
        (tmp_path / "deep" / "models" / "pump").mkdir(parents=True)
    assert list(tmp_path.iterdir()) == []


def test_folders_that_were_there_or_hold_something_stay(tmp_path: Path) -> None:
    (tmp_path / "models").mkdir()
    with model_folder(tmp_path / "models" / "pump"):
        pass
    assert [path.name for path in tmp_path.iterdir()] == ["models"]
    with model_folder(tmp_path / "models" / "pump"):
        (tmp_path / "models" / "pump" / "1").mkdir(parents=True)
    assert (tmp_path / "models" / "pump" / "1").is_dir()


@pytest.mark.parametrize("out", ["clean.csv", "clean.csv/pump", "clean.csv/deep/pump", "nowhere/pump"])
def test_a_place_that_is_no_directory_is_refused(tmp_path: Path, out: str) -> None:
    (tmp_path / "clean.csv").write_text("a,b\n")
    (tmp_path / "nowhere").symlink_to(tmp_path / "absent")
    with (
        pytest.raises(InputError, match=r"--out .*: expected a directory.*(clean\.csv|nowhere) is neither"),
        model_folder(tmp_path / out),
    ):
        pytest.fail("it went on")


@pytest.mark.parametrize("out", ["/proc/pump", "/proc/models/pump"])
def test_a_place_that_cannot_be_written_is_refused(out: str) -> None:
    with pytest.raises(InputError, match=f"--out {out}: cannot be written: "), model_folder(Path(out)):
        pytest.fail("it went on")


@pytest.mark.parametrize("out", ["models/..", ".", "/", "models/a b", "models/" + "a" * 101])
def test_a_name_that_cannot_be_one_is_refused(out: str) -> None:
    with pytest.raises(InputError, match="--out must end in the model's name"), model_folder(Path(out)):
        pytest.fail("it went on")
