"""A bundle that allows absent values, as a plant uses it: trained, served, re-scored and calibrated by commands."""

from pathlib import Path

import httpx2
import pytest
from pyarrow import parquet

from tests.end_to_end.commands import command
from tests.samples import FEATURES, clean_rows
from tests.service.programs import serving

QUICK = "[vae]\nhidden = [16, 16]\n[fit]\nsteps = 300\n[suspects]\nfolds = 0\n"
NAMES = [feature.name for feature in FEATURES]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("plant")
    lines = [",".join(f"{value:.9g}" for value in row) for row in clean_rows(2000)]
    (folder / "clean.csv").write_text("\n".join((",".join(NAMES), *lines)))
    (folder / "train.toml").write_text(QUICK)
    command(
        folder, "training.command", "clean.csv", "--out", "models/pump", "--config", "train.toml", "--missing", "allow"
    )
    return folder


def test_the_service_judges_and_rebuilds_samples_with_absent_values(folder: Path) -> None:
    whole = clean_rows(1, seed=5)[0].tolist()
    lacking = [None, *whole[1:]]
    named = dict(zip(NAMES[1:], whole[1:], strict=True))
    with serving(folder / "models", folder / "service.log") as service:
        scored = httpx2.post(
            f"{service.url}/score", json={"samples": [whole, lacking, [None] * 4], "explain": "full"}
        ).json()
        by_name = httpx2.post(f"{service.url}/score", json={"samples": [named]}).json()
        rebuilt = httpx2.post(f"{service.url}/reconstruct", json={"samples": [lacking]}).json()
    first, second, third = scored["results"]
    assert first["verdict"] == second["verdict"] == "normal"
    assert third["verdict"] == "invalid"
    assert by_name["results"][0]["score"] == second["score"]
    (absent,) = (part for part in second["contributions"] if part["feature"] == NAMES[0])
    assert (absent["observed"], absent["share"]) == (None, 0)
    assert absent["expected"] == pytest.approx(whole[0], abs=3 * clean_rows(500)[:, 0].std())
    assert NAMES[0] not in {reading["feature"] for reading in second["in_full"]["readings"]}
    assert rebuilt["results"][0]["reconstruction"][0] == pytest.approx(absent["expected"])


def test_empty_cells_are_re_scored_and_most_of_a_row_absent_is_invalid(folder: Path) -> None:
    rows = [",".join(["", *(f"{value:.9g}" for value in row[1:])]) for row in clean_rows(20, seed=6)]
    (folder / "history.csv").write_text("\n".join((",".join(NAMES), *rows, ",,,1")))
    command(folder, "service.rescore.command", "history.csv", "--bundle", "models/pump/1", "--out", "verdicts")
    table = parquet.read_table(folder / "verdicts").to_pydict()
    assert set(table["verdict"][:20]) <= {"normal", "anomaly"}
    assert table["reason"][:20] == [None] * 20
    assert table["verdict"][20] == "invalid"
    assert "absent" in table["reason"][20]


def test_a_bundle_calibrated_anew_allows_as_much_and_verifies(folder: Path) -> None:
    command(folder, "training.recalibration.command", "models/pump/1", "--target-fpr", "0.05")
    told = command(folder, "model.verification.command", "models/pump/1", "models/pump/2")
    assert told.count("passed") >= 2
    assert "failed" not in told
    assert (folder / "models/pump/2/manifest.json").is_file()
