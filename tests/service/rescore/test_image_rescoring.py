"""Images in files are judged as over HTTP: a row for each, in order, heat maps beside, all of it or nothing."""

from pathlib import Path

import numpy as np
import pytest
from pyarrow import parquet

from model.bundle import read_bundle
from model.errors import InputError
from model.images.decode import open_image
from model.images.files import image_sources
from model.images.png import png
from model.scorer import Scorer
from service.rescore.image_rescoring import rescore_images
from tests.golden.image_bundle import GOLDEN_IMAGE_BUNDLE
from tests.model.images.encoded import GREY8
from tests.tiles import clean_tiles, with_spot

CLEAN = clean_tiles(70, seed=5)
SPOTTED = with_spot(CLEAN[:3])


@pytest.fixture(scope="module")
def scorer() -> Scorer:
    return Scorer(read_bundle(GOLDEN_IMAGE_BUNDLE))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shown = {"good": CLEAN, "spot": SPOTTED}
    for kind, images in shown.items():
        (tmp_path / "in" / kind).mkdir(parents=True)
        for number, image in enumerate(images):
            (tmp_path / "in" / kind / f"{number:03}.png").write_bytes(png(image))
    (tmp_path / "in" / "spot" / "cut.png").write_bytes(png(SPOTTED[0])[:100])
    (tmp_path / "in" / "spot" / "small.png").write_bytes(png(GREY8))
    return tmp_path / "in"


def test_every_image_has_a_row_with_the_score_it_gets_alone(folder: Path, scorer: Scorer, tmp_path: Path) -> None:
    counts = [*rescore_images(image_sources([str(folder)]), scorer, tmp_path / "out")]
    assert np.sum(counts) == 75
    table = parquet.read_table(tmp_path / "out" / "verdicts.parquet")
    names = [f"{folder}/good/{number:03}.png" for number in range(70)]
    names += [f"{folder}/spot/{name}.png" for name in ("000", "001", "002", "cut", "small")]
    assert table.column("source_file").to_pylist() == names
    scores = table.column("score").to_pylist()
    images = [*CLEAN, *SPOTTED]
    assert scores[:73] == [scorer.score(image[None]).score[0] for image in images]
    assert scores[73:] == [None, None]
    assert table.column("verdict").to_pylist()[70:] == ["anomaly"] * 3 + ["invalid"] * 2
    reasons = table.column("reason").to_pylist()
    assert reasons[73].startswith("unreadable_image: ")
    assert reasons[74].startswith("wrong_geometry: ")
    assert table.schema.metadata[b"plumbline.model"] == b"tiles"
    assert "heat_map" not in table.schema.names
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["verdicts.parquet"]


def test_explained_images_have_heat_maps_and_their_largest_region(folder: Path, scorer: Scorer, tmp_path: Path) -> None:
    list(rescore_images(image_sources([str(folder)]), scorer, tmp_path / "out", explain=True))
    rows = parquet.read_table(tmp_path / "out" / "verdicts.parquet").to_pylist()
    spotted = rows[70]
    assert spotted["heat_map"] == "heat_maps/spot/000.png.png"
    drawn = open_image((tmp_path / "out" / spotted["heat_map"]).read_bytes()).pixels()
    assert drawn.shape == (24, 32, 3)
    box = [spotted[f"region_{name}"] for name in ("x", "y", "width", "height", "area")]
    assert box == [20, 14, 7, 4, 28]
    assert spotted["regions"] >= 1
    assert rows[0]["regions"] is not None
    assert {rows[74][name] for name in ("heat_map", "regions", "region_x", "region_peak")} == {None}
    assert len(list((tmp_path / "out").rglob("*.png"))) == 73


def test_outputs_are_never_overwritten(folder: Path, scorer: Scorer, tmp_path: Path) -> None:
    sources = image_sources([str(folder)])
    (tmp_path / "out" / "heat_maps").mkdir(parents=True)
    with pytest.raises(InputError, match="heat_maps: is already there"):
        list(rescore_images(sources, scorer, tmp_path / "out", explain=True))
    (tmp_path / "out" / "heat_maps").rmdir()
    (tmp_path / "out" / "verdicts.parquet").touch()
    with pytest.raises(InputError, match=r"verdicts\.parquet: is already there"):
        list(rescore_images(sources, scorer, tmp_path / "out"))


def test_a_run_that_fails_leaves_nothing(folder: Path, scorer: Scorer, tmp_path: Path) -> None:
    sources = image_sources([str(folder)])
    (folder / "spot" / "small.png").unlink()
    with pytest.raises(InputError, match=r"small\.png: cannot be read"):
        list(rescore_images(sources, scorer, tmp_path / "out", explain=True))
    assert list((tmp_path / "out").iterdir()) == []


def test_a_run_that_is_stopped_leaves_nothing(folder: Path, scorer: Scorer, tmp_path: Path) -> None:
    run = rescore_images(image_sources([str(folder)]), scorer, tmp_path / "out", explain=True)
    assert np.sum(next(run)) > 0
    run.close()
    assert list((tmp_path / "out").iterdir()) == []
