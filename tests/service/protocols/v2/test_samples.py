"""Windows and images as tensors. Rows are in test_infer.py."""

from typing import Any

import numpy as np
import pytest
from fastapi.testclient import TestClient
from numpy.typing import NDArray

from service.registry.models import ServedModel
from tests.samples import FEATURES, SCALE, clean_rows
from tests.tiles import HEIGHT, WIDTH, clean_tiles, with_spot
from tests.window_bundle import LENGTH

WINDOWS = np.stack([clean_rows(LENGTH), clean_rows(LENGTH) + 10 * SCALE])


def said(client: TestClient, model: str, *inputs: dict[str, Any]) -> dict[str, Any]:
    response = client.post(f"/v2/models/{model}/infer", json={"inputs": inputs})
    assert response.status_code == 200, response.text
    return {output["name"]: output["data"] for output in response.json()["outputs"]}


def refused(client: TestClient, model: str, *inputs: dict[str, Any]) -> str:
    response = client.post(f"/v2/models/{model}/infer", json={"inputs": inputs})
    assert response.status_code == 422
    return str(response.json()["error"])


def tensor(values: NDArray[Any], datatype: str = "FP64", name: str = "x") -> dict[str, Any]:
    return {"name": name, "shape": [*values.shape], "datatype": datatype, "data": values.flatten().tolist()}


def test_windows_are_samples_steps_and_features(window_client: TestClient, rig: ServedModel) -> None:
    answer = said(window_client, "rig", tensor(WINDOWS))
    assert answer["score"] == rig.scorer.score(WINDOWS).score.tolist()
    assert answer["verdict"] == ["normal", "anomaly"]


def test_channels_of_windows_may_come_one_by_one(window_client: TestClient) -> None:
    channels = [tensor(WINDOWS[:, :, column], name=feature.name) for column, feature in enumerate(FEATURES)]
    assert said(window_client, "rig", *channels) == said(window_client, "rig", tensor(WINDOWS))


def test_what_is_no_number_in_a_window_is_found_with_its_step(window_client: TestClient) -> None:
    whole = tensor(WINDOWS)
    whole["data"][4 * LENGTH + 9] = "off"
    answer = said(window_client, "rig", whole)
    assert answer["reason"] == ["", "not_a_number: 'flow' is 'off', expected a number in step 3 of 8"]


def test_windows_of_another_length_are_refused(window_client: TestClient) -> None:
    found = refused(window_client, "rig", tensor(WINDOWS[:, 1:]))
    assert found.startswith("input 'x' must have the shape [samples, 8, 4], its values in the order 'pressure', 'flow'")
    channels = [tensor(WINDOWS[:, 1:, column], name=feature.name) for column, feature in enumerate(FEATURES)]
    assert refused(window_client, "rig", *channels).startswith('input "pressure" must have the shape [2, 8]')


def test_pixels_may_be_json(image_client: TestClient) -> None:
    images = np.concatenate([clean_tiles(1, seed=5), with_spot(clean_tiles(1, seed=5))])
    assert said(image_client, "tiles", tensor(images, "UINT8"))["verdict"] == ["normal", "anomaly"]


@pytest.mark.parametrize("bad", [256, -1, 1.5, None, True, "0"])
def test_what_is_no_pixel_makes_its_own_image_invalid(image_client: TestClient, bad: object) -> None:
    both = tensor(clean_tiles(2), "UINT8")
    both["data"][HEIGHT * WIDTH + 5] = bad
    answer = said(image_client, "tiles", both)
    assert answer["verdict"] == ["normal", "invalid"]
    assert answer["reason"][1].startswith("not_a_number: a pixel is ")


def test_images_of_another_type_or_geometry_are_refused(image_client: TestClient) -> None:
    images = clean_tiles(1)
    expected = "this model takes one input 'x' of UINT8 with the shape [samples, 24, 32, 1], found "
    assert refused(image_client, "tiles", tensor(images, "FP64")) == f"{expected}FP64 with the shape [1, 24, 32, 1]"
    assert (
        refused(image_client, "tiles", tensor(images[:, 1:], "UINT8"))
        == f"{expected}UINT8 with the shape [1, 23, 32, 1]"
    )
    assert refused(image_client, "tiles", tensor(images, "UINT8", "y")) == f"{expected}'y'"
