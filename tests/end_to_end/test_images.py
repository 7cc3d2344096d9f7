"""Images, as an inspection uses them: trained on, served, re-scored, with heat maps; without and with a backbone."""

from pathlib import Path

import httpx2
import numpy as np
import pytest
from numpy.typing import NDArray
from pyarrow import parquet

from model.images.png import png
from tests.end_to_end.commands import command
from tests.service.programs import serving
from tests.training.images.tiny_backbone import tiny_backbone

SIDE = 16
QUICK = "target_fpr = 0.1\n[calibration]\nrule = 'conformal'\n[fit]\nsteps = 60\n[image]\nlatent_size = 4\n"


def surfaces(count: int, seed: int) -> NDArray[np.uint8]:
    """Draw brushed surfaces [count, H, W, 1]: stripes of changing brightness under noise."""
    rng = np.random.default_rng(seed)
    stripes = 128 + 40 * np.sin(np.arange(SIDE) / 2)[None, None, :] + rng.normal(0, 10, (count, 1, 1))
    return np.clip(stripes + rng.normal(0, 6, (count, SIDE, SIDE)), 0, 255).astype(np.uint8)[..., None]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("line")
    holes = surfaces(20, 2)
    holes[:, 5:10, 6:11] = 250
    for name, images in (("clean", surfaces(200, 0)), ("test/good", surfaces(20, 1)), ("test/hole", holes)):
        (folder / name).mkdir(parents=True)
        for number, image in enumerate(images):
            (folder / name / f"{number:03}.png").write_bytes(png(image))
    (folder / "train.toml").write_text(QUICK)
    told = command(
        folder, "training.command", "clean", "--modality", "image", "--config", "train.toml", "--test", "test",
        "--out", "models/surface",
    )  # fmt: skip
    assert "200 clean images, 16 x 16 grey 8 bit" in told
    assert "no backbone is named" in told
    return folder


def test_images_over_http_and_re_scored_get_the_same_verdicts_and_the_hole_is_found(folder: Path) -> None:
    with serving(folder / "models", folder / "service.log") as service:
        found = [
            httpx2.post(
                f"{service.url}/score?explain=heatmap",
                content=file.read_bytes(),
                headers={"Content-Type": "image/png"},
            ).json()["results"][0]
            for file in sorted((folder / "test/hole").glob("*.png"))
        ]
        small = httpx2.post(
            f"{service.url}/score", content=png(surfaces(1, 3)[0, :8]), headers={"Content-Type": "image/png"}
        ).json()["results"][0]
    assert small["verdict"] == "invalid"
    assert small["reason"].startswith("wrong_geometry: ")
    assert np.mean([result["verdict"] == "anomaly" for result in found]) > 0.9
    boxes = [result["regions"][0]["box"] for result in found if result["regions"]]
    assert boxes
    for x, y, width, height in boxes:
        assert x < 11
        assert y < 10
        assert x + width > 6
        assert y + height > 5
    command(folder, "service.rescore.command", "test/hole", "--bundle", "models/surface/1", "--out", "verdicts")
    table = parquet.read_table(next((folder / "verdicts").glob("*.parquet")))
    assert table["score"].to_pylist() == [result["score"] for result in found]


def test_a_bundle_on_a_backbones_features_serves_and_names_its_licence(folder: Path) -> None:
    tiny_backbone(folder / "backbone.onnx")
    command(
        folder, "training.command", "clean", "--modality", "image", "--config", "train.toml", "--test", "test",
        "--backbone", "backbone.onnx", "--licence", "CC0-1.0", "--out", "featured/surface",
    )  # fmt: skip
    with serving(folder / "featured", folder / "service.log") as service:
        card = httpx2.get(f"{service.url}/models/surface").json()
        body = (folder / "test/good/000.png").read_bytes()
        scored = httpx2.post(f"{service.url}/score", content=body, headers={"Content-Type": "image/png"}).json()
    assert card["detector"] == "feature_vae"
    assert '"licence": "CC0-1.0"' in (folder / "featured/surface/1/manifest.json").read_text()
    assert scored["results"][0]["verdict"] in ("normal", "anomaly")
