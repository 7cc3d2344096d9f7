import fcntl
import os
import resource
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from model.bundle import read_bundle
from model.bundle_writer import INCOMING, next_version, write_bundle
from model.errors import (
    BundleError,
    BundleExistsError,
    BundleGoldenError,
    BundleManifestError,
    BundleMissingFileError,
    BundleTooLargeError,
    BundleUnsafePathError,
)
from model.golden import Golden
from model.manifest import FileEntry, Manifest
from tests.golden.bundle import GOLDEN_BUNDLE, golden_files

ROOT = Path(__file__).parents[2]
MakeManifest = Callable[[dict[str, FileEntry]], Manifest]


def manifest_of(version: int) -> MakeManifest:
    manifest = read_bundle(GOLDEN_BUNDLE).manifest
    return lambda files: manifest.model_copy(update={"version": version, "files": files})


def write(model: Path, version: int = 1, changed: dict[str, bytes] | None = None) -> Path:
    return write_bundle(model, manifest_of(version), golden_files() | (changed or {}))


def contents(folder: Path) -> dict[str, bytes]:
    return {file.relative_to(folder).as_posix(): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


@pytest.fixture
def model(tmp_path: Path) -> Path:
    return tmp_path / "models" / "pump"


def test_what_is_written_is_what_is_read(model: Path) -> None:
    written = write(model)
    assert written == model / "1"
    assert read_bundle(written).manifest.version == 1
    found = contents(written)
    assert found.pop("manifest.json")
    assert found == golden_files()
    assert list(model.iterdir()) == [written]


def test_the_same_files_give_the_same_digest(tmp_path: Path) -> None:
    one, other = (read_bundle(write(tmp_path / place / "pump")) for place in ("here", "there"))
    assert one.digest == other.digest


def test_others_may_read_what_was_written(model: Path) -> None:
    assert write(model).stat().st_mode & 0o777 == 0o755


def test_a_version_is_never_overwritten(model: Path) -> None:
    before = contents(write(model))
    with pytest.raises(BundleExistsError, match="never overwritten"):
        write(model, changed={"report/index.html": b"another report"})
    assert contents(model / "1") == before
    assert [entry.name for entry in model.iterdir()] == ["1"]


@pytest.mark.parametrize("make", [Path.mkdir, Path.touch, lambda path: path.symlink_to("nowhere")])
def test_whatever_has_the_name_of_a_version_stays(model: Path, make: Callable[[Path], object]) -> None:
    model.mkdir(parents=True)
    make(model / "1")
    with pytest.raises(BundleExistsError):
        write(model)
    assert [entry.name for entry in model.iterdir()] == ["1"]


def test_a_bundle_whose_golden_samples_fail_is_not_written(model: Path) -> None:
    golden = read_bundle(GOLDEN_BUNDLE).golden
    wrong = Golden(golden.samples, golden.scores * 1.01, golden.verdicts)
    with pytest.raises(BundleGoldenError):
        write(model, changed={"golden.npz": wrong.to_npz()})
    assert list(model.iterdir()) == []


def test_golden_samples_in_column_order_are_written_in_row_order(model: Path) -> None:
    golden = read_bundle(GOLDEN_BUNDLE).golden
    turned = Golden(np.asfortranarray(golden.samples), golden.scores, golden.verdicts)
    written = read_bundle(write(model, changed={"golden.npz": turned.to_npz()}))
    np.testing.assert_array_equal(written.golden.samples, golden.samples)


@pytest.mark.parametrize(
    ("name", "error"),
    [
        ("../escaped", BundleUnsafePathError),
        ("/tmp/escaped", BundleUnsafePathError),
        ("report/../../../escaped", BundleUnsafePathError),
        ("manifest.json", BundleManifestError),
        ("weights.pt", BundleManifestError),
    ],
)
def test_a_file_that_a_bundle_may_not_hold_is_never_opened(model: Path, name: str, error: type[BundleError]) -> None:
    with pytest.raises(error):
        write(model, changed={name: b"x"})
    assert not model.exists()
    assert not list(model.parents[1].rglob("escaped"))


def test_a_required_file_must_be_given(model: Path) -> None:
    files = golden_files()
    del files["scorer.onnx"]
    with pytest.raises(BundleMissingFileError, match=r"scorer\.onnx"):
        write_bundle(model, manifest_of(1), files)


def test_a_file_beyond_its_limit_is_not_written(model: Path) -> None:
    with pytest.raises(BundleTooLargeError, match="report/large"):
        write(model, changed={"report/large": bytes((64 << 20) + 1)})
    assert not model.exists()


def test_a_bundle_goes_where_its_name_says(model: Path) -> None:
    with pytest.raises(BundleManifestError, match="'pump'"):
        write(model.with_name("valve"))


def test_a_manifest_that_is_no_json_leaves_nothing(model: Path) -> None:
    def not_finite(files: dict[str, FileEntry]) -> Manifest:
        manifest = manifest_of(1)(files)
        return manifest.model_copy(update={"training": manifest.training.model_copy(update={"metrics": {"x": np.nan}})})

    with pytest.raises(ValueError, match="JSON"):
        write_bundle(model, not_finite, golden_files())
    assert list(model.iterdir()) == []


@contextmanager
def files_no_larger_than(limit: int) -> Iterator[None]:
    """Let the system refuse to write more, as a full disk does."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.parametrize("limit", [0, 100, 3000])
def test_a_disk_that_takes_no_more_leaves_nothing(model: Path, limit: int) -> None:
    with (
        files_no_larger_than(limit),
        pytest.raises(OSError, match="pump/1: cannot be written: File too large; make room there"),
    ):
        write(model)
    assert list(model.iterdir()) == []


def test_a_place_that_cannot_be_written_is_an_os_error(tmp_path: Path) -> None:
    (tmp_path / "models").write_bytes(b"a file where a directory should be")
    with pytest.raises(OSError, match="models"):
        write(tmp_path / "models" / "pump")


KILLED = """
import os, signal, sys
from pathlib import Path
from tests.model.test_bundle_writer import write

event, count = sys.argv[2], int(sys.argv[3])

def die(name, arguments):
    global count
    if name == event and ".incoming-" in str(arguments[0]):
        if count == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        count -= 1

sys.addaudithook(die)
write(Path(sys.argv[1]))
"""


@pytest.mark.parametrize(("event", "count"), [("open", 0), ("open", 4), ("open", 9), ("os.rename", 0)])
def test_a_killed_writer_leaves_no_version_and_the_next_one_cleans_up(model: Path, event: str, count: int) -> None:
    killed = subprocess.run([sys.executable, "-c", KILLED, str(model), event, str(count)], cwd=ROOT, check=False)
    assert killed.returncode == -9
    assert [entry.name.startswith(INCOMING) for entry in model.iterdir()] == [True]
    assert next_version(model) == 1
    write(model)
    assert [entry.name for entry in model.iterdir()] == ["1"]


def outcome(writing: Future[Path]) -> str:
    error = writing.exception()
    return "written" if error is None else type(error).__name__


def test_of_writers_that_race_for_a_version_one_wins(model: Path) -> None:
    writers = 6
    start = threading.Barrier(writers)

    def race(number: int) -> Path:
        start.wait()
        return write(model, changed={"report/index.html": f"report {number}".encode()})

    with ThreadPoolExecutor(writers) as pool:
        outcomes = sorted(outcome(writing) for writing in [pool.submit(race, number) for number in range(writers)])
    assert outcomes == ["BundleExistsError"] * (writers - 1) + ["written"]
    assert read_bundle(model / "1").manifest.version == 1
    assert [entry.name for entry in model.iterdir()] == ["1"]


def test_writers_of_different_versions_both_succeed(model: Path) -> None:
    with ThreadPoolExecutor(4) as pool:
        written = list(pool.map(lambda version: write(model, version), [1, 2, 3, 4]))
    assert sorted(path.name for path in written) == ["1", "2", "3", "4"]
    assert next_version(model) == 5


def test_a_writer_waits_for_one_that_is_alive_and_leaves_its_work_alone(model: Path) -> None:
    unfinished = model / f"{INCOMING}other"
    unfinished.mkdir(parents=True)
    other = os.open(model, os.O_RDONLY)
    fcntl.flock(other, fcntl.LOCK_EX)
    with ThreadPoolExecutor(1) as pool:
        writing = pool.submit(write, model)
        with pytest.raises(TimeoutError):
            writing.result(timeout=0.5)
        assert unfinished.exists()
        os.close(other)
        assert writing.result() == model / "1"
    assert not unfinished.exists()


def test_the_first_version_is_one(model: Path) -> None:
    assert next_version(model) == 1


def test_the_next_version_comes_after_the_highest(model: Path) -> None:
    for name in ("1", "2", "10"):
        (model / name).mkdir(parents=True)
    assert next_version(model) == 11


JUNK = [
    ".incoming-9",
    "latest",
    "09",
    "0",
    "-3",
    "4.0",
    "4 ",
    "5.bak",
    "v6",
    "\u0667",
    "\uff18",
    "1e3",
    "1000000000",
    "0x10",
]


def test_the_next_version_ignores_what_is_no_version(model: Path) -> None:
    for name in JUNK:
        (model / name).mkdir(parents=True)
    assert next_version(model) == 1
    (model / "3").mkdir()
    assert next_version(model) == 4
