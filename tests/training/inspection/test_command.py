"""``plumbline-inspect`` as a user runs it: a process of its own, with torch out of reach."""

import json
import subprocess
import sys
from collections.abc import Sequence
from html.parser import HTMLParser
from pathlib import Path
from typing import get_args

import numpy as np
import pytest

from model.detectability import FaultKind
from tests.attacks.sealing import forged_manifest
from tests.golden.bundle import GOLDEN_BUNDLE
from tests.samples import FEATURES, clean_rows
from tests.service.bundles import fail_golden_check, put_bundle

# scipy looks for a module torch that others imported; where it is absent there is none, not even None.
PROGRAM = """
import sys
class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == "torch":
            raise ModuleNotFoundError(name)
sys.meta_path.insert(0, Absent())
from training.inspection.command import main
main()
"""
NAMES = tuple(feature.name for feature in FEATURES)
ATTACK = "\x1b[2J<script>alert(1)</script>"


def inspect(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", PROGRAM, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def write_samples(file: Path, names: Sequence[str] = NAMES) -> Path:
    """Write forty samples: row 8 has a faulty flow, row 12 a less faulty temperature, row 21 lacks its pressure."""
    rows = clean_rows(40, seed=5)
    rows[7, 1] += 30
    rows[11, 2] -= 9
    rows[20, 0] = np.nan
    lines = [",".join("" if np.isnan(value) else repr(float(value)) for value in row) for row in rows]
    file.write_text("\n".join([",".join(names), *lines]) + "\n")
    return file


class Page(HTMLParser):
    """Text and tags of a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.text, self.tags = "", set[str]()
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)

    def handle_data(self, data: str) -> None:
        self.text += data


def test_a_bundle_alone_shows_its_card_without_torch() -> None:
    finished = inspect(GOLDEN_BUNDLE)
    assert (finished.returncode, finished.stderr) == (0, "")
    assert finished.stdout.startswith("pump, version 1  made ")
    for told in ("At most 1\xa0% of clean samples raise an alarm.", "Threshold", "temperature   degC", "Fingerprint"):
        assert told in finished.stdout


def test_the_most_anomalous_samples_are_taken_apart_and_a_page_is_written(tmp_path: Path) -> None:
    samples, page = write_samples(tmp_path / "s.csv"), tmp_path / "out.html"
    finished = inspect(GOLDEN_BUNDLE, samples, "--most", 2, "--page", page)
    assert (finished.returncode, finished.stderr) == (0, "")
    shown = " ".join(finished.stdout.split())
    assert "40 rows: 37 normal, 2 anomaly, 1 invalid" in shown
    assert shown.index("s.csv, row 8 anomaly") < shown.index("s.csv, row 12 anomaly")
    assert "'pressure' has no value" in shown
    read = Page(page.read_text("utf-8"))
    assert "s.csv, row 12" in read.text
    assert "script" not in read.tags
    assert set(tmp_path.iterdir()) == {samples, page}


def test_rows_are_picked_by_number_and_told_as_json(tmp_path: Path) -> None:
    samples = write_samples(tmp_path / "s.csv")
    finished = inspect(GOLDEN_BUNDLE, samples, "--row", 21, "--row", 8, "--json")
    assert (finished.returncode, finished.stderr) == (0, "")
    found = json.loads(finished.stdout)
    invalid, faulty = found["samples"]["shown"]
    assert (invalid["verdict"], invalid["score"]) == ("invalid", None)
    assert invalid["reason"].startswith("missing_value: ")
    assert faulty["verdict"] == "anomaly"
    assert (faulty["contributions"][0]["feature"], faulty["contributions"][0]["unit"]) == ("flow", "m3/h")
    assert sum(part["share"] for part in faulty["contributions"]) == pytest.approx(1)
    assert found["manifest"]["name"] == "pump"
    assert found["samples"]["verdicts"]["normal"] == 37


def test_a_map_of_the_latent_space_is_drawn(tmp_path: Path) -> None:
    samples, picture = write_samples(tmp_path / "s.csv"), tmp_path / "map.png"
    finished = inspect(GOLDEN_BUNDLE, samples, "--latent-map", picture, "--colour", "flow")
    assert (finished.returncode, finished.stderr) == (0, "")
    assert finished.stdout == f"{picture}: 39 samples by 2 latents; 1 invalid one left out\n"
    assert picture.read_bytes().startswith(b"\x89PNG")


def test_wrong_input_is_one_sentence_and_exit_code_2(tmp_path: Path) -> None:
    samples = write_samples(tmp_path / "s.csv")
    other = write_samples(tmp_path / "other.csv", ["a", "b", "c", "d"])
    taken = tmp_path / "taken.html"
    taken.write_text("mine")
    for arguments, sentence in (
        ((tmp_path / "nowhere",), "expected a bundle directory"),
        ((GOLDEN_BUNDLE, tmp_path / "gone.csv"), "no such file or directory"),
        ((GOLDEN_BUNDLE, other), "expected columns 'pressure', 'flow', 'temperature', 'current', which it lacks"),
        ((GOLDEN_BUNDLE, samples, "--row", 41), "has 40 rows, row 41 is asked for"),
        ((GOLDEN_BUNDLE, "--page", tmp_path / "no" / "page.html"), "page.html: cannot be written: No such file"),
        ((GOLDEN_BUNDLE, "--page", taken), "taken.html: is already there; outputs are never overwritten"),
    ):
        finished = inspect(*arguments)
        assert (finished.returncode, finished.stdout) == (2, "")
        assert len(finished.stderr.splitlines()) == 1
        assert sentence in finished.stderr
    assert taken.read_text() == "mine"


def test_a_bundle_that_fails_its_golden_samples_is_exit_code_3(tmp_path: Path) -> None:
    finished = inspect(put_bundle(tmp_path, change=fail_golden_check))
    assert (finished.returncode, finished.stdout) == (3, "")
    assert "golden sample" in finished.stderr


def test_text_of_bundles_and_files_steers_neither_terminal_nor_browser(tmp_path: Path) -> None:
    bundle = put_bundle(tmp_path / "models")
    with forged_manifest(bundle) as manifest:
        manifest["training"]["created_at"] = manifest["training"]["data_fingerprint"] = ATTACK
        manifest["training"]["libraries"] = {ATTACK: ATTACK}
        for limit in manifest["detectability"]["limits"]:
            limit["feature"] = limit["feature"].replace("pressure", "[red]<script>1</script>\u202e")
        manifest["features"][0]["name"] = "[red]<script>1</script>\u202e"
    names = ["[red]<script>1</script>\u202e", "flow", "temperature", "current"]
    samples, page = write_samples(tmp_path / "\x1b[31mred.csv", names), tmp_path / "out.html"
    finished = inspect(bundle, samples, "--page", page)
    assert (finished.returncode, finished.stderr) == (0, "")
    assert "\x1b" not in finished.stdout
    assert "\u202e" not in finished.stdout
    assert "[red]<script>1</script>\\u202e" in finished.stdout
    read = Page(page.read_text("utf-8"))
    assert "script" not in read.tags
    assert "<script>alert(1)</script>" in read.text


def test_a_detectability_certificate_is_shown_on_terminal_and_page(tmp_path: Path) -> None:
    bundle = put_bundle(tmp_path / "models")
    found = {"limit": 0.75, "tried": 6.0, "found": 0.92, "named_first": 0.9}
    limits = [{"feature": name, "kind": kind, **found} for name in NAMES for kind in get_args(FaultKind)]
    limits[0] |= {"limit": None, "found": 0.1}
    with forged_manifest(bundle) as manifest:
        manifest["detectability"] = {"share": 0.9, "confidence": 0.95, "rows": 200, "largest": 8.0, "limits": limits}
    page = tmp_path / "out.html"
    finished = inspect(bundle, "--page", page)
    assert (finished.returncode, finished.stderr) == (0, "")
    for shown in (finished.stdout, Page(page.read_text("utf-8")).text):
        said = " ".join(shown.split())
        assert "What it finds" in said
        assert "It is blind in pressure: no bias up to 6.0 bar is found there" in said
        assert "0.75 bar" in said
