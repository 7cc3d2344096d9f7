"""Images over HTTP: the encoded bytes as the body or several in a form, judged as samples are."""

import gzip
from base64 import b64decode
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from fastapi.testclient import TestClient

from model.images.decode import open_image
from model.images.png import png
from service.registry.models import ServedModel
from tests.model.images.encoded import COLOUR8, GREY8, encoded
from tests.tiles import SPOT, clean_tiles, with_spot

CLEAN = clean_tiles(3, seed=5)
SPOTTED = with_spot(CLEAN)
PNG = {"Content-Type": "image/png"}
ARROW = "application/vnd.apache.arrow.stream"


def post(client: TestClient, raw: bytes, path: str = "/score", content_type: str = "image/png") -> Any:
    answer = client.post(path, content=raw, headers={"Content-Type": content_type})
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_one_image_is_the_body(image_client: TestClient, tiles: ServedModel) -> None:
    clean, spotted = (post(image_client, png(images[0]))["results"] for images in (CLEAN, SPOTTED))
    assert [result["verdict"] for result in (*clean, *spotted)] == ["normal", "anomaly"]
    assert spotted[0]["score"] == tiles.scorer.score(SPOTTED[:1]).score[0]
    assert spotted[0]["id"] is None
    assert "heat_map" not in spotted[0]


@pytest.mark.parametrize("form", ["PNG", "BMP", "TIFF"])
@pytest.mark.parametrize("path", ["/score", "/models/tiles/score"])
def test_the_content_decides_what_an_image_is(image_client: TestClient, form: str, path: str) -> None:
    raw = encoded(SPOTTED[0], form)
    told = {
        post(image_client, raw, path, told)["results"][0]["score"]
        for told in ("image/jpeg", "application/octet-stream")
    }
    assert told == {post(image_client, png(SPOTTED[0]))["results"][0]["score"]}


def test_a_body_without_a_type_is_taken_for_an_image(image_client: TestClient) -> None:
    request = image_client.build_request("POST", "/score", content=png(CLEAN[0]))
    assert "content-type" not in request.headers
    assert image_client.send(request).json()["results"][0]["verdict"] == "normal"


def test_several_images_are_a_form_and_their_names_are_their_ids(image_client: TestClient, tiles: ServedModel) -> None:
    images = [*CLEAN, *SPOTTED]
    files = [("images", (f"{number}.png", png(image), "image/png")) for number, image in enumerate(images)]
    results = image_client.post("/score", files=files).json()["results"]
    assert [result["id"] for result in results] == [f"{number}.png" for number in range(6)]
    assert [result["verdict"] for result in results] == ["normal"] * 3 + ["anomaly"] * 3
    alone = [post(image_client, png(image))["results"][0]["score"] for image in images]
    assert [result["score"] for result in results] == alone


def test_a_bad_image_is_invalid_and_the_others_are_judged(image_client: TestClient) -> None:
    bad = {
        "cut.png": (png(CLEAN[0])[:90], "unreadable_image: a damaged PNG"),
        "text.png": (b"hello", "unreadable_image: expected a PNG, JPEG, BMP or TIFF image"),
        "empty.png": (b"", "unreadable_image: expected a PNG, JPEG, BMP or TIFF image, found no bytes at all"),
        "small.png": (png(GREY8), "wrong_geometry: expected 24 x 32 grey 8 bit, found 5 x 7"),
        "colour.png": (
            png(np.repeat(CLEAN[0], 3, 2)),
            "wrong_geometry: expected 24 x 32 grey 8 bit, found 24 x 32 colour",
        ),
        "clear.png": (encoded(np.dstack([CLEAN[0], CLEAN[0]])), "unsupported_image: expected opaque pixels"),
    }
    files = [("i", (name, raw)) for name, (raw, _) in bad.items()] + [("i", ("good.png", png(CLEAN[0])))]
    results = image_client.post("/score?explain=heatmap", files=files).json()["results"]
    for result, (_, reason) in zip(results, bad.values(), strict=False):
        assert result["verdict"] == "invalid"
        assert result["score"] is None
        assert result["reason"].startswith(reason)
        assert "heat_map" not in result
    assert results[-1]["verdict"] == "normal"
    metrics = image_client.get("/metrics").text
    assert 'plumbline_rejected_samples_total{model="tiles",reason="wrong_geometry"}' in metrics


def test_a_single_image_may_bring_an_id(image_client: TestClient) -> None:
    assert post(image_client, png(CLEAN[0]), "/score?id=camera+3")["results"][0]["id"] == "camera 3"


def test_a_heat_map_is_a_picture_and_its_regions_are_where_the_defect_is(image_client: TestClient) -> None:
    result = post(image_client, png(SPOTTED[0]), "/score?explain=heatmap")["results"][0]
    assert result["heat_map"]["format"] == "png"
    drawn = open_image(b64decode(result["heat_map"]["data"])).pixels()
    assert drawn.shape == (24, 32, 3)
    found = (drawn != drawn[:, :, :1]).any(axis=2)
    assert found[SPOT].all()
    largest = max(result["regions"], key=lambda region: region["area"])
    rows, columns = SPOT
    assert largest["box"] == [columns.start, rows.start, columns.stop - columns.start, rows.stop - rows.start]
    assert largest["area"] == 28
    peaks = [region["peak"] for region in result["regions"]]
    assert peaks == sorted(peaks, reverse=True)


def test_a_heat_map_is_an_array_where_that_is_asked_for(image_client: TestClient, tiles: ServedModel) -> None:
    result = post(image_client, png(SPOTTED[1]), "/score?explain=heatmap&format=array")["results"][0]
    heat = np.frombuffer(b64decode(result["heat_map"]["data"]), "<f4").reshape(result["heat_map"]["shape"])
    np.testing.assert_array_equal(heat, tiles.scorer.contributions(SPOTTED[1:2])[0].astype("<f4"))


def test_a_reconstruction_is_an_image_of_the_same_geometry(image_client: TestClient, tiles: ServedModel) -> None:
    result = post(image_client, png(SPOTTED[0]), "/reconstruct")["results"][0]
    rebuilt = open_image(b64decode(result["reconstruction"]["data"])).pixels()
    assert result["reconstruction"]["shape"] == [24, 32, 1]
    assert rebuilt.dtype == np.uint8
    expected = tiles.scorer.explain(SPOTTED[:1]).reconstruction[0]
    assert abs(rebuilt - expected).max() <= 0.5
    assert post(image_client, b"none", "/reconstruct")["results"][0]["reconstruction"] is None


def test_a_purified_image_lacks_its_spot_and_what_was_removed_is_the_rest(image_client: TestClient) -> None:
    purified = post(image_client, png(SPOTTED[0]), "/reconstruct?purify=true")["results"][0]["purified"]
    image = open_image(b64decode(purified["image"]["data"])).pixels()
    removed = np.frombuffer(b64decode(purified["removed"]["data"]), "<f4").reshape(purified["removed"]["shape"])
    assert np.abs(image + removed - SPOTTED[0]).max() <= 0.51
    assert (
        np.abs(image.astype(float) - CLEAN[0])[SPOT].mean()
        < 0.5 * np.abs(SPOTTED[0].astype(float) - CLEAN[0])[SPOT].mean()
    )
    assert "purified" not in post(image_client, png(CLEAN[0]), "/reconstruct?purify=false")["results"][0]
    assert "purified" not in post(image_client, b"none", "/reconstruct?purify=true")["results"][0]


def test_images_are_drawn_and_decoded(image_client: TestClient, tiles: ServedModel) -> None:
    said = image_client.post("/generate", json={"n": 3, "seed": 4}).json()
    assert tiles.generator is not None
    expected = tiles.generator.draw(3, 4).samples
    assert said["features"] == [*tiles.spec.names]
    drawn = np.stack([open_image(b64decode(sample["data"])).pixels() for sample in said["samples"]])
    np.testing.assert_allclose(drawn, np.clip(expected, 0, 255), atol=0.5)


def test_the_way_between_images_is_for_the_command(image_client: TestClient) -> None:
    answer = image_client.post("/generate", json={"between": [[1], [2]]})
    assert answer.status_code == 422
    assert "plumbline-generate goes between windows and images" in answer.json()["error"]["message"]


def test_an_image_has_a_place_in_the_latent_space(image_client: TestClient) -> None:
    result = post(image_client, png(CLEAN[0]), "/encode")["results"][0]
    assert len(result["mean"]) == len(result["log_variance"]) == 2
    assert post(image_client, b"none", "/encode")["results"][0]["mean"] is None


REFUSED = {
    "JSON for images": ("/score", b'{"samples": [[1]]}', "application/json", 415, "unsupported_type", "takes images"),
    "a video": ("/score", b"", "video/mp4", 415, "unsupported_type", 'found "video/mp4"'),
    "a form without a boundary": (
        "/score",
        b"x",
        "multipart/form-data",
        400,
        "unreadable_body",
        "must name its boundary",
    ),
    "a form that is none": (
        "/score",
        b"x",
        "multipart/form-data; boundary=b",
        400,
        "unreadable_body",
        "is not multipart",
    ),
    "a form that breaks off": (
        "/score",
        b'--b\r\nContent-Disposition: form-data; name="a"; filename="a.png"\r\n\r\nabc',
        "multipart/form-data; boundary=b",
        400,
        "unreadable_body",
        "ends before its last boundary",
    ),
    "a form of nothing": (
        "/score",
        b"--b--\r\n",
        "multipart/form-data; boundary=b",
        422,
        "wrong_structure",
        "at least one part",
    ),
    "a field that is no file": (
        "/score",
        b'--b\r\nContent-Disposition: form-data; name="a"\r\n\r\nabc\r\n--b--\r\n',
        "multipart/form-data; boundary=b",
        422,
        "wrong_structure",
        'found the field "a"',
    ),
    "an unknown explanation": ("/score?explain=full", b"", "image/png", 422, "wrong_structure", "must be heatmap"),
    "an unknown format": (
        "/score?explain=heatmap&format=gif",
        b"",
        "image/png",
        422,
        "wrong_structure",
        "png or array",
    ),
    "a format of nothing": ("/score?format=png", b"", "image/png", 422, "wrong_structure", "explain=heatmap"),
    "an unknown field": ("/score?explian=heatmap", b"", "image/png", 422, "wrong_structure", "'explian'"),
    "a field twice": ("/score?id=a&id=b", b"", "image/png", 422, "wrong_structure", "once"),
    "a long id": (f"/score?id={'a' * 301}", b"", "image/png", 422, "wrong_structure", "300 characters"),
    "to purify perhaps": (
        "/reconstruct?purify=perhaps",
        b"",
        "image/png",
        422,
        "wrong_structure",
        "must be true or false",
    ),
    "an explained reconstruction": (
        "/reconstruct?explain=heatmap",
        b"",
        "image/png",
        422,
        "wrong_structure",
        "'explain'",
    ),
}


@pytest.mark.parametrize(("path", "raw", "kind", "status", "code", "words"), REFUSED.values(), ids=REFUSED.keys())
def test_what_is_no_request_for_images_is_refused(
    image_client: TestClient, path: str, raw: bytes, kind: str, status: int, code: str, words: str
) -> None:
    answer = image_client.post(path, content=raw, headers={"Content-Type": kind})
    error = answer.json()["error"]
    assert (answer.status_code, error["code"]) == (status, code), error
    assert words in error["message"]


def test_an_image_for_a_model_of_rows_is_refused(client: TestClient) -> None:
    answer = client.post("/score", content=png(COLOUR8), headers=PNG)
    assert answer.status_code == 415
    assert "application/json" in answer.json()["error"]["message"]


def test_an_id_for_several_images_is_refused(image_client: TestClient) -> None:
    files = [("i", (name, png(CLEAN[0]))) for name in "ab"]
    assert image_client.post("/score?id=a", files=files).status_code == 422


def test_the_model_card_says_what_geometry_is_taken(image_client: TestClient, tiles: ServedModel) -> None:
    card = image_client.get("/models/tiles").json()
    assert card["image"] == tiles.manifest.model_dump(mode="json")["image"]
    assert (card["image"]["height"], card["image"]["width"], card["window"]) == (24, 32, None)


@pytest.mark.parametrize("path", ["/score", "/score?explain=heatmap", "/reconstruct"])
def test_images_may_be_compressed(image_client: TestClient, path: str) -> None:
    headers = {"Content-Type": "image/bmp", "X-Request-ID": "same"}
    raw = encoded(SPOTTED[0], "BMP")
    plain = image_client.post(path, content=raw, headers=headers)
    compressed = image_client.post(path, content=gzip.compress(raw), headers={**headers, "Content-Encoding": "gzip"})
    assert compressed.status_code == 200
    assert compressed.content == plain.content


def test_verdicts_on_images_are_an_arrow_stream_where_that_is_asked_for(image_client: TestClient) -> None:
    images = {"clean.png": png(CLEAN[0]), "spotted.png": png(SPOTTED[0]), "cut.png": png(CLEAN[0])[:90]}
    files = [("images", part) for part in images.items()]
    expected = image_client.post("/score", files=files).json()["results"]
    answer = image_client.post("/score", files=files, headers={"Accept": ARROW})
    assert answer.headers["content-type"] == ARROW
    found = pa.ipc.open_stream(answer.content).read_all().to_pylist()
    assert found == [{"reason": None, **result} for result in expected]


def test_heat_maps_are_not_written_as_arrow(image_client: TestClient) -> None:
    headers = {**PNG, "Accept": ARROW}
    answer = image_client.post("/score?explain=heatmap", content=png(CLEAN[0]), headers=headers)
    assert (answer.status_code, answer.json()["error"]["code"]) == (406, "not_acceptable")


def test_an_arrow_stream_for_a_model_of_images_is_refused(image_client: TestClient) -> None:
    assert image_client.post("/score", content=b"", headers={"Content-Type": ARROW}).status_code == 415
