"""Files that are changed, missing, too many, too large, or no files at all."""

import os
import shutil
import socket
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from model.bundle import MAX_BYTES, MAX_REPORT_BYTES, MAX_TOTAL_BYTES
from model.errors import (
    BundleDigestError,
    BundleError,
    BundleManifestError,
    BundleMissingFileError,
    BundleTooLargeError,
    BundleUnlistedFileError,
    BundleUnsafePathError,
)
from tests.attacks.refusal import assert_refused, load
from tests.attacks.sealing import FILES, LISTED, forged_manifest, put_sealed

REPORT = "report/index.html"


def test_the_golden_bundle_itself_is_accepted(bundle: Path) -> None:
    load(bundle)


@pytest.mark.parametrize("name", LISTED)
def test_a_changed_byte_is_refused(bundle: Path, name: str) -> None:
    raw = bytearray((bundle / name).read_bytes())
    raw[len(raw) // 2] ^= 1
    (bundle / name).write_bytes(raw)
    assert_refused(bundle, BundleDigestError, name, "SHA-256")


@pytest.mark.parametrize("name", LISTED)
def test_a_truncated_file_is_refused(bundle: Path, name: str) -> None:
    os.truncate(bundle / name, (bundle / name).stat().st_size - 1)
    assert_refused(bundle, BundleDigestError, name, "bytes")


@pytest.mark.parametrize("name", LISTED)
def test_a_file_that_grew_is_refused(bundle: Path, name: str) -> None:
    with (bundle / name).open("ab") as file:
        file.write(b"\0")
    assert_refused(bundle, BundleTooLargeError, name)


@pytest.mark.parametrize("name", FILES)
def test_a_missing_file_is_refused(bundle: Path, name: str) -> None:
    (bundle / name).unlink()
    assert_refused(bundle, BundleMissingFileError, name)


@pytest.mark.parametrize("name", FILES)
def test_a_linked_file_is_refused(bundle: Path, name: str, tmp_path: Path) -> None:
    (bundle / name).rename(tmp_path / "elsewhere")
    (bundle / name).symlink_to(tmp_path / "elsewhere")
    assert_refused(bundle, BundleUnsafePathError, name)


@pytest.mark.parametrize("name", FILES)
def test_a_pipe_is_refused_without_waiting_for_a_writer(bundle: Path, name: str) -> None:
    (bundle / name).unlink()
    os.mkfifo(bundle / name)
    assert_refused(bundle, BundleUnsafePathError, name)


@pytest.mark.parametrize("name", FILES)
def test_a_directory_in_place_of_a_file_is_refused(bundle: Path, name: str) -> None:
    (bundle / name).unlink()
    (bundle / name).mkdir()
    assert_refused(bundle, BundleUnlistedFileError if name in LISTED else BundleUnsafePathError, name)


def unlisted_file(bundle: Path) -> None:
    (bundle / "extra.bin").write_bytes(b"x")


def unlisted_file_in_the_report(bundle: Path) -> None:
    (bundle / "report" / "extra.html").write_bytes(b"x")


def hidden_file(bundle: Path) -> None:
    (bundle / ".hidden").write_bytes(b"x")


def unlisted_pipe(bundle: Path) -> None:
    os.mkfifo(bundle / "extra.pipe")


def unlisted_empty_directory(bundle: Path) -> None:
    (bundle / "empty").mkdir()


def unlisted_deep_directories(bundle: Path) -> None:
    deepest = bundle
    for _ in range(200):  # deeper than the interpreter would like to recurse
        deepest = deepest / "d"
        deepest.mkdir()


def unlisted_name_that_writes_on_terminals(bundle: Path) -> None:
    (bundle / "\x1b[2J\nroot: all is well").write_bytes(b"x")


def unlisted_name_that_is_no_text(bundle: Path) -> None:
    Path(os.fsdecode(os.fsencode(bundle) + b"/\xff\xfe")).write_bytes(b"x")


def unlisted_external_weights(bundle: Path) -> None:
    (bundle / "scorer.onnx.data").write_bytes(b"x" * 64)


def dangling_link(bundle: Path) -> None:
    (bundle / "extra").symlink_to("nowhere")


def linked_directory(bundle: Path) -> None:
    (bundle / "report").rename(bundle.parent / "elsewhere")
    (bundle / "report").symlink_to(bundle.parent / "elsewhere", target_is_directory=True)


def link_to_itself(bundle: Path) -> None:
    (bundle / "report" / "loop").symlink_to(bundle / "report", target_is_directory=True)


def socket_in_place_of_a_file(bundle: Path) -> None:
    (bundle / REPORT).unlink()
    here = Path.cwd()
    os.chdir(bundle / "report")  # a socket's path may not be long
    try:
        with socket.socket(socket.AF_UNIX) as server:
            server.bind("index.html")
    finally:
        os.chdir(here)


def sparse_manifest(bundle: Path) -> None:
    os.truncate(bundle / "manifest.json", MAX_BYTES["manifest.json"] + 1)


def sparse_report_that_is_listed_as_it_is(bundle: Path) -> None:
    os.truncate(bundle / REPORT, MAX_REPORT_BYTES + 1)
    with forged_manifest(bundle) as manifest:
        manifest["files"][REPORT]["bytes"] = MAX_REPORT_BYTES + 1


def sparse_report_that_is_listed_as_small(bundle: Path) -> None:
    os.truncate(bundle / REPORT, 1 << 40)


def sparse_graph_that_is_listed_as_it_is(bundle: Path) -> None:
    os.truncate(bundle / "scorer.onnx", MAX_BYTES["scorer.onnx"] + 1)
    with forged_manifest(bundle) as manifest:
        manifest["files"]["scorer.onnx"]["bytes"] = MAX_BYTES["scorer.onnx"] + 1


def graph_listed_as_larger_than_any_disk(bundle: Path) -> None:
    with forged_manifest(bundle) as manifest:
        manifest["files"]["scorer.onnx"]["bytes"] = 10**300


def many_reports_each_within_its_limit(bundle: Path) -> None:
    with forged_manifest(bundle) as manifest:
        for page in range(MAX_TOTAL_BYTES // MAX_REPORT_BYTES + 1):
            manifest["files"][f"report/{page}.html"] = {"sha256": "0" * 64, "bytes": MAX_REPORT_BYTES}


def more_files_than_allowed(bundle: Path) -> None:
    with forged_manifest(bundle) as manifest:
        for page in range(1001):
            manifest["files"][f"report/{page}.html"] = {"sha256": "0" * 64, "bytes": 0}


def a_listed_file_outside_the_report(bundle: Path) -> None:
    put_sealed(bundle, "weights.pt", b"x")


def the_manifest_lists_itself(bundle: Path) -> None:
    with forged_manifest(bundle) as manifest:
        manifest["files"]["manifest.json"] = {"sha256": "0" * 64, "bytes": 1}


def a_required_file_not_listed(bundle: Path) -> None:
    (bundle / "golden.npz").unlink()
    with forged_manifest(bundle) as manifest:
        del manifest["files"]["golden.npz"]


def a_file_listed_below_a_file(bundle: Path) -> None:
    with forged_manifest(bundle) as manifest:
        manifest["files"][f"{REPORT}/below"] = {"sha256": "0" * 64, "bytes": 1}


Attack = Callable[[Path], None]
ATTACKS: list[tuple[Attack, type[BundleError], str]] = [
    (unlisted_file, BundleUnlistedFileError, "extra.bin"),
    (unlisted_file_in_the_report, BundleUnlistedFileError, "report/extra.html"),
    (hidden_file, BundleUnlistedFileError, ".hidden"),
    (unlisted_pipe, BundleUnlistedFileError, "extra.pipe"),
    (unlisted_empty_directory, BundleUnlistedFileError, "empty"),
    (unlisted_deep_directories, BundleUnlistedFileError, "'d'"),
    (unlisted_name_that_writes_on_terminals, BundleUnlistedFileError, r"\x1b[2J\nroot"),
    (unlisted_external_weights, BundleUnlistedFileError, "scorer.onnx.data"),
    (dangling_link, BundleUnsafePathError, "extra"),
    (linked_directory, BundleUnsafePathError, "report"),
    (link_to_itself, BundleUnsafePathError, "report/loop"),
    (socket_in_place_of_a_file, BundleUnsafePathError, REPORT),
    (sparse_manifest, BundleTooLargeError, "manifest.json"),
    (sparse_report_that_is_listed_as_it_is, BundleTooLargeError, REPORT),
    (sparse_report_that_is_listed_as_small, BundleTooLargeError, REPORT),
    (sparse_graph_that_is_listed_as_it_is, BundleTooLargeError, "scorer.onnx"),
    (graph_listed_as_larger_than_any_disk, BundleTooLargeError, "scorer.onnx"),
    (many_reports_each_within_its_limit, BundleTooLargeError, "in all"),
    (more_files_than_allowed, BundleManifestError, "files"),
    (a_listed_file_outside_the_report, BundleManifestError, "weights.pt"),
    (the_manifest_lists_itself, BundleManifestError, "manifest.json"),
    (a_required_file_not_listed, BundleMissingFileError, "golden.npz"),
    (a_file_listed_below_a_file, BundleUnsafePathError, REPORT),
]


@pytest.mark.parametrize(("attack", "error", "named"), ATTACKS, ids=lambda value: getattr(value, "__name__", None))
def test_refused(bundle: Path, attack: Attack, error: type[BundleError], named: str) -> None:
    attack(bundle)
    assert_refused(bundle, error, named)


@pytest.mark.skipif(sys.platform == "darwin", reason="its file systems take UTF-8 names only")
def test_a_name_that_is_no_text_is_refused(bundle: Path) -> None:
    unlisted_name_that_is_no_text(bundle)
    assert_refused(bundle, BundleUnlistedFileError, r"\udcff\udcfe")


def test_what_is_no_directory_is_refused(bundle: Path) -> None:
    shutil.rmtree(bundle)
    assert_refused(bundle, BundleMissingFileError, str(bundle))
    bundle.write_bytes(b"a file")
    assert_refused(bundle, BundleMissingFileError, str(bundle))


NAMES = [
    "../x",
    "report/../../x",
    "/etc/passwd",
    "//etc/passwd",
    "report\\x",
    "C:/x",
    "C:x",
    "report/./x",
    "./x",
    ".",
    "..",
    "",
    "/",
    "report/",
    "report//x",
    " report/x",
    "report/x ",
    "report/x\n",
    "report/.hidden",
    "report/x\0.html",
    "report/\u202etxt.exe",
    "report/\uff58.html",
    "report/" + "x" * 101,
    "report/" + "/".join("abcdefgh"),
    "~/x",
    "report/x:stream",
]


@pytest.mark.parametrize("name", NAMES)
def test_a_name_that_is_no_plain_path_is_refused(bundle: Path, name: str) -> None:
    with forged_manifest(bundle) as manifest:
        manifest["files"][name] = {"sha256": "0" * 64, "bytes": 1}
    assert_refused(bundle, BundleUnsafePathError, "manifest.json", "no plain path")
