"""The client that the protocol's users have, against a real service."""

from collections.abc import Iterator
from typing import TypeAlias

import numpy as np
import pytest
import tritonclient.http as triton
from numpy.typing import NDArray

from service.registry.models import ServedModel
from tests.golden.image_bundle import GOLDEN_IMAGE_MODELS
from tests.samples import FEATURES, clean_rows
from tests.service.bundles import GOLDEN_MODELS
from tests.service.programs import serving
from tests.tiles import clean_tiles, with_spot

ROWS = np.array([[8, 120, 45, 11], [8, np.nan, 45, 11], [8, 120, 45, 99]], dtype=np.float64)
VERDICTS = [b"normal", b"invalid", b"anomaly"]
Client: TypeAlias = triton.InferenceServerClient


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    with (
        serving(GOLDEN_MODELS, tmp_path_factory.mktemp("service") / "log") as service,
        Client(service.url.removeprefix("http://")) as client,
    ):
        yield client


@pytest.fixture(scope="module")
def image_client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    with (
        serving(GOLDEN_IMAGE_MODELS, tmp_path_factory.mktemp("service") / "log") as service,
        Client(service.url.removeprefix("http://")) as client,
    ):
        yield client


def tensor(name: str, values: NDArray[np.generic], datatype: str, *, is_binary: bool = True) -> triton.InferInput:
    given = triton.InferInput(name, list(values.shape), datatype)
    given.set_data_from_numpy(values, binary_data=is_binary)
    return given


def test_it_finds_the_server_live_and_its_models_ready(client: Client) -> None:
    assert client.is_server_live()
    assert client.is_server_ready()
    assert client.is_model_ready("pump")
    assert client.is_model_ready("pump", "1")
    assert not client.is_model_ready("pump", "2")
    assert not client.is_model_ready("valve")


def test_it_reads_the_metadata(client: Client, pump: ServedModel) -> None:
    assert client.get_server_metadata()["name"] == "plumbline"
    found = client.get_model_metadata("pump", "1")
    assert found["versions"] == ["1"]
    assert found["inputs"] == [{"name": "x", "datatype": "FP64", "shape": [-1, 4]}]
    assert [output["name"] for output in found["outputs"]] == [
        "score",
        "verdict",
        "is_anomaly",
        "p_value",
        "severity",
        "reason",
    ]
    assert found["parameters"]["digest"] == pump.digest
    assert client.get_model_repository_index() == [{"name": "pump", "version": "1", "state": "READY", "reason": ""}]


@pytest.mark.parametrize("comes_binary", [True, False])
@pytest.mark.parametrize("goes_binary", [True, False])
def test_scores_arrive_to_the_last_bit(
    client: Client, pump: ServedModel, goes_binary: bool, comes_binary: bool
) -> None:
    x = clean_rows(50, seed=7)
    outputs = [
        triton.InferRequestedOutput(name, binary_data=comes_binary) for name in ("p_value", "score", "is_anomaly")
    ]
    result = client.infer("pump", [tensor("x", x, "FP64", is_binary=goes_binary)], outputs=outputs, request_id="7")
    scores = pump.scorer.score(x)
    assert result.as_numpy("score").tolist() == scores.score.tolist()
    assert result.as_numpy("p_value").tolist() == scores.p_value.tolist()
    assert result.as_numpy("verdict") is None
    assert result.get_response()["id"] == "7"
    assert [output["name"] for output in result.get_response()["outputs"]] == ["p_value", "score", "is_anomaly"]


@pytest.mark.parametrize("comes_binary", [True, False])
@pytest.mark.parametrize("goes_binary", [True, False])
def test_what_cannot_be_judged_reads_as_no_number_and_never_as_normal(
    client: Client, goes_binary: bool, comes_binary: bool
) -> None:
    names = ("score", "verdict", "is_anomaly", "p_value", "severity", "reason")
    outputs = [triton.InferRequestedOutput(name, binary_data=comes_binary) for name in names]
    result = client.infer("pump", [tensor("x", ROWS, "FP64", is_binary=goes_binary)], outputs=outputs)
    verdict = [text if isinstance(text, bytes) else text.encode() for text in result.as_numpy("verdict")]
    assert verdict == VERDICTS
    assert result.as_numpy("is_anomaly").tolist() == [False, True, True]
    for name in ("score", "p_value", "severity"):
        assert np.isnan(result.as_numpy(name)).tolist() == [False, True, False]
    assert "'flow' has no value" in str(result.as_numpy("reason")[1])


def test_without_outputs_all_of_them_come_as_binary_data(client: Client) -> None:
    result = client.infer("pump", [tensor("x", ROWS, "FP64")], model_version="1")
    assert all("binary_data_size" in output["parameters"] for output in result.get_response()["outputs"])
    assert result.as_numpy("verdict").tolist() == VERDICTS


@pytest.mark.parametrize("shape", [(3,), (3, 1)])
def test_features_may_come_as_a_tensor_each_in_any_order(client: Client, shape: tuple[int, ...]) -> None:
    inputs = [
        tensor(feature.name, np.ascontiguousarray(ROWS[:, column]).reshape(shape), "FP64", is_binary=column % 2 == 0)
        for column, feature in enumerate(FEATURES)
    ]
    whole = client.infer("pump", [tensor("x", ROWS, "FP64")])
    by_feature = client.infer("pump", inputs[::-1])
    np.testing.assert_array_equal(by_feature.as_numpy("score"), whole.as_numpy("score"))
    assert by_feature.as_numpy("verdict").tolist() == VERDICTS


def test_single_precision_says_the_same_in_json_and_in_binary_data(client: Client, pump: ServedModel) -> None:
    x = clean_rows(5).astype(np.float32)
    answers = [client.infer("pump", [tensor("x", x, "FP32", is_binary=binary)]) for binary in (True, False)]
    expected = pump.scorer.score(x.astype(np.float64)).score.tolist()
    assert [answer.as_numpy("score").tolist() for answer in answers] == [expected, expected]


@pytest.mark.parametrize("algorithm", ["gzip", "deflate"])
@pytest.mark.parametrize("is_binary", [True, False])
def test_bodies_may_be_compressed(client: Client, pump: ServedModel, is_binary: bool, algorithm: str) -> None:
    x = clean_rows(500)
    inputs = [tensor("x", x, "FP64", is_binary=is_binary)]
    compressed = {"request_compression_algorithm": algorithm, "response_compression_algorithm": algorithm}
    result = client.infer("pump", inputs, **compressed)
    assert result.as_numpy("score").tolist() == pump.scorer.score(x).score.tolist()


@pytest.mark.parametrize("is_binary", [True, False])
def test_images_go_in_as_pixels(image_client: Client, is_binary: bool) -> None:
    images = np.concatenate([clean_tiles(1, seed=5), with_spot(clean_tiles(1, seed=5))])
    result = image_client.infer("tiles", [tensor("x", images, "UINT8", is_binary=is_binary)])
    assert result.as_numpy("verdict").tolist() == [b"normal", b"anomaly"]


def test_what_is_wrong_is_said_in_a_sentence(client: Client) -> None:
    x = tensor("x", ROWS, "FP64")
    for name, version, inputs, status, sentence in (
        ("pump", "3", [x], "404", "model 'pump' is served in version 1, found \"3\""),
        ("valve", "", [x], "404", "no model has this name; there are 'pump'"),
        ("pump", "", [tensor("y", ROWS, "FP64")], "422", "the inputs must be 'x' alone, or one for each of 'pressure'"),
        ("pump", "", [tensor("x", ROWS[:, :3], "FP64")], "422", "input 'x' must have the shape [samples, 4]"),
    ):
        with pytest.raises(triton.InferenceServerException) as refused:
            client.infer(name, inputs, model_version=version)
        assert refused.value.status() == status
        assert str(refused.value.message()).startswith(sentence)


def test_paths_that_are_not_there_are_refused_in_the_protocols_form(client: Client) -> None:
    with pytest.raises(triton.InferenceServerException, match="there is nothing at this path"):
        client.get_model_config("pump")
