"""The client against a real service: what is asked arrives, and what is answered is read."""

import threading
from pathlib import Path

import numpy as np
import pytest

from model.bundle import read_bundle
from model.images.png import png
from model.scorer import Scorer
from plumbline_client import (
    DeadlineError,
    InvalidRequestError,
    NotFoundError,
    PlumblineClient,
    ScoreAnswer,
    TooLargeError,
    Verdict,
)
from tests.golden.bundle import GOLDEN_BUNDLE
from tests.golden.image_bundle import GOLDEN_IMAGE_BUNDLE
from tests.samples import FEATURES, clean_rows
from tests.service.programs import Serving
from tests.tiles import clean_tiles, with_spot

ROW, FAULT = [8.1, 121.5, 45.2, 11.1], [8.1, 139.5, 45.2, 11.1]
NAMES = [feature.name for feature in FEATURES]
TILES = str(GOLDEN_IMAGE_BUNDLE.parent.name)


@pytest.fixture(scope="module")
def scorer() -> Scorer:
    return Scorer(read_bundle(GOLDEN_BUNDLE))


def scores(answer: ScoreAnswer) -> list[float | None]:
    return [result.score for result in answer.results]


def test_samples_may_be_lists_tuples_objects_or_arrays(client: PlumblineClient, scorer: Scorer) -> None:
    x = clean_rows(30, seed=3)
    expected = scorer.score(x).score.tolist()
    assert scores(client.score(x)) == expected
    assert scores(client.score(x.tolist())) == expected
    assert scores(client.score(tuple(map(tuple, x.tolist())))) == expected
    assert scores(client.score([*x])) == expected
    assert scores(client.score([dict(zip(NAMES, row, strict=True)) for row in x])) == expected


def test_arrays_of_other_types_are_taken_for_the_numbers_they_hold(client: PlumblineClient, scorer: Scorer) -> None:
    single, whole = clean_rows(5).astype(np.float32), np.array([ROW]).astype(np.int64)
    assert scores(client.score(single)) == scorer.score(single.astype(np.float64)).score.tolist()
    assert scores(client.score(whole)) == scorer.score(whole.astype(np.float64)).score.tolist()
    assert scores(client.score(clean_rows(9)[::2, :])) == scorer.score(clean_rows(9)[::2]).score.tolist()


def test_the_answer_says_what_judged(client: PlumblineClient, scorer: Scorer) -> None:
    answer = client.score([ROW, FAULT], model="pump", ids=["a", 2], request_id="press-7.1")
    assert (answer.request_id, answer.model, answer.version) == ("press-7.1", "pump", 1)
    assert answer.digest == read_bundle(GOLDEN_BUNDLE).digest
    assert answer.threshold == scorer.manifest.threshold.value
    assert [(result.id, result.verdict, result.is_anomaly) for result in answer.results] == [
        ("a", Verdict.NORMAL, False),
        (2, Verdict.ANOMALY, True),
    ]
    assert answer.results[0].contributions == ()


def test_what_cannot_be_judged_is_invalid_and_says_why(client: PlumblineClient) -> None:
    rows: list[list[float | None]] = [[None, *ROW[1:]], [float("nan"), *ROW[1:]], [float("inf"), *ROW[1:]], [*ROW]]
    found = client.score(rows).results
    assert [result.verdict for result in found] == ["invalid", "invalid", "invalid", "normal"]
    assert [result.reason and result.reason.partition(":")[0] for result in found] == [
        "missing_value",
        "missing_value",
        "infinite_value",
        None,
    ]
    assert (found[0].is_anomaly, found[0].score) == (None, None)


def test_explanations_are_values_too(client: PlumblineClient) -> None:
    (result,) = client.score([FAULT], explain=True).results
    assert result.contributions[0].feature == "flow"
    assert result.contributions[0].observed == 139.5
    assert sum(part.share for part in result.contributions) == pytest.approx(1)
    (full,) = client.score([FAULT], explain="full").results
    assert full.in_full is not None
    assert [correction.feature for correction in full.in_full.put_right] == ["flow"]
    assert full.in_full.readings[0].interval is not None
    assert len(full.in_full.nearest[0].sample) == 4


def test_images_are_sent_as_bytes_or_as_files(client: PlumblineClient, tmp_path: Path) -> None:
    clean = clean_tiles(2, seed=5)
    raw = [png(clean[0]), png(with_spot(clean)[1])]
    file = tmp_path / "spötted.png"
    file.write_bytes(raw[1])
    answer = client.score_images([raw[0], file, str(file)], model=TILES)
    assert [(result.id, result.verdict) for result in answer.results] == [
        ("0", "normal"),
        ("spötted.png", "anomaly"),
        ("spötted.png", "anomaly"),
    ]
    named = client.score_images(raw, model=TILES, ids=["camera 1", "camera 2"])
    assert [result.id for result in named.results] == ["camera 1", "camera 2"]
    assert scores(named) == scores(answer)[:2]
    with pytest.raises(ValueError, match="one id for each of 2 samples, found 1"):
        client.score_images(raw, model=TILES, ids=["camera 1"])


def test_heat_maps_come_as_bytes(client: PlumblineClient) -> None:
    image = png(with_spot(clean_tiles(1))[0])
    (drawn,) = client.score_images([image], model=TILES, heat_map="png").results
    assert drawn.heat_map is not None
    assert drawn.heat_map.data.startswith(b"\x89PNG")
    assert drawn.regions[0].peak > 0
    (values,) = client.score_images([image], model=TILES, heat_map="array").results
    assert values.heat_map is not None
    heat = np.frombuffer(values.heat_map.data, "<f4").reshape(values.heat_map.shape)
    assert heat.shape == (24, 32)


def test_models_tell_of_themselves(client: PlumblineClient) -> None:
    listed = client.models()
    assert listed.default == "pump"
    assert [(model.name, model.version) for model in listed.models] == [("pump", 1), ("tiles", 1)]
    card = client.model("pump")
    assert [feature.name for feature in card.features] == NAMES
    assert card.threshold.target_fpr == 0.01
    assert card.training["seed"] == 0
    tiles = client.model(TILES)
    assert tiles.image is not None
    assert (tiles.image.height, tiles.image.width) == (24, 32)


def test_a_service_that_serves_is_ready_and_one_that_is_gone_is_not(client: PlumblineClient) -> None:
    assert client.ready()
    with PlumblineClient("http://127.0.0.1:1") as nowhere:
        assert not nowhere.ready()


def test_a_fault_of_the_request_is_told_as_the_service_tells_it(client: PlumblineClient) -> None:
    with pytest.raises(InvalidRequestError, match="wrong_structure: 1 of 2 samples do not fit") as wrong:
        client.score([ROW, ROW[:3]], request_id="mine")
    error = wrong.value
    assert (error.code, error.status, error.request_id) == ("wrong_structure", 422, "mine")
    assert error.details["bad_samples"] == 1
    with pytest.raises(NotFoundError, match="there are 'pump', 'tiles'") as missing:
        client.score([ROW], model="valve")
    assert missing.value.code == "unknown_model"
    with pytest.raises(TooLargeError) as large:
        client.score([ROW] * 10_001)
    assert large.value.details == {"max_samples": 10_000}


@pytest.mark.parametrize("name", ["../health/live", "a/b", "x?y=1", "%2e%2e", "ü"])
def test_a_models_name_is_a_name_whatever_it_looks_like(client: PlumblineClient, name: str) -> None:
    with pytest.raises(NotFoundError):
        client.model(name)


def test_every_call_has_an_id_that_the_services_log_has_too(client: PlumblineClient, service: Serving) -> None:
    answer = client.score([ROW])
    assert service.line("request_id", answer.request_id)["status"] == 200
    with pytest.raises(NotFoundError) as missing:
        client.model("valve")
    assert service.line("request_id", missing.value.request_id)["status"] == 404


def test_many_threads_share_a_client(client: PlumblineClient, scorer: Scorer) -> None:
    x = clean_rows(40, seed=9)
    found: dict[int, list[float | None]] = {}

    def ask(at: int) -> None:
        found[at] = scores(client.score(x[at : at + 1]))

    threads = [threading.Thread(target=ask, args=(at,)) for at in range(len(x))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [found[at] for at in range(len(x))] == [[score] for score in scorer.score(x).score.tolist()]


def test_the_time_that_a_call_may_take_is_told_and_kept(client: PlumblineClient) -> None:
    with pytest.raises(DeadlineError) as late:
        client.score(clean_rows(5_000), timeout=0.001)
    assert late.value.code == "deadline_exceeded"
    with pytest.raises(DeadlineError):
        client.score([ROW], timeout=0)


@pytest.mark.parametrize("request_id", ["", "two words", "line\nfeed", "x" * 129, "ü"])
def test_an_id_that_the_service_would_replace_is_refused(client: PlumblineClient, request_id: str) -> None:
    with pytest.raises(ValueError, match="a request id has 1 to 128"):
        client.score([ROW], request_id=request_id)


@pytest.mark.parametrize("url", ["127.0.0.1:8000", "ftp://host", "http://", "http://host/?a=b", ""])
def test_what_is_no_address_is_refused_at_once(url: str) -> None:
    with pytest.raises(ValueError, match="expected the service's address"):
        PlumblineClient(url)


def test_a_key_that_cannot_be_one_is_refused_and_never_shown() -> None:
    for key in ("line\nfeed", "ключ", " "):
        with pytest.raises(ValueError, match="^api_key holds characters that no key has$"):
            PlumblineClient("http://127.0.0.1", api_key=key)
    assert "hidden" not in repr(PlumblineClient("http://127.0.0.1", api_key="hidden"))
