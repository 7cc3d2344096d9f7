"""Every form of samples over HTTP: the same verdicts as JSON gets, and errors of the one form."""

import gzip
import json
from collections.abc import Iterator
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from fastapi.testclient import TestClient
from numpy.typing import NDArray

from service.registry.directory import load_models
from service.registry.models import ServedModel
from tests.golden.window_bundle import STEPS, WINDOW_BUNDLE, strokes
from tests.samples import clean_rows
from tests.service.apps import client_of
from tests.service.formats.arrow_streams import columns

ROWS = clean_rows(40) + np.where(np.arange(40)[:, None] % 3 == 0, [0.0, 0.0, 0.0, 9.0], 0.0)
ROWS[5, 1], ROWS[6, 2], ROWS[7, 0] = np.nan, np.inf, 21
JSON, ARROW, RAW = "application/json", "application/vnd.apache.arrow.stream", "application/octet-stream"
BIG_ROUTES = ["/score", "/models/pump/score"]
Sent = tuple[bytes, dict[str, str]]


def as_json(rows: NDArray[np.float64] = ROWS, **others: object) -> Sent:
    # NaN and Infinity are written as such, and read as absent and as infinite.
    return json.dumps({"samples": rows.tolist(), **others}).encode(), {"content-type": JSON}


def as_floats(rows: NDArray[np.float64] = ROWS, dtype: str = "float64") -> Sent:
    shape = ",".join(map(str, rows.shape))
    headers = {"content-type": RAW, "x-plumbline-shape": shape, "x-plumbline-dtype": dtype}
    return rows.astype(dtype).tobytes(), headers


def as_arrow(model: ServedModel, rows: NDArray[np.float64] = ROWS, **others: Any) -> Sent:
    values = dict(zip(model.spec.names, rows.T, strict=True))
    return columns(values | others), {"content-type": ARROW}


def ask(client: TestClient, sent: Sent, path: str = "/score", **headers: str) -> Any:
    body, of_body = sent
    every = {**of_body, "x-request-id": "same", **{name.replace("_", "-"): value for name, value in headers.items()}}
    answer = client.post(path, content=body, headers=every)
    assert answer.status_code == 200, answer.text
    return answer.json() if answer.headers["content-type"] == JSON else pa.ipc.open_stream(answer.content).read_all()


@pytest.mark.parametrize("path", [*BIG_ROUTES, "/reconstruct", "/encode"])
def test_every_form_of_samples_gets_the_same_answer(client: TestClient, pump: ServedModel, path: str) -> None:
    expected = ask(client, as_json(), path)
    assert ask(client, as_floats(), path) == expected
    assert ask(client, as_arrow(pump), path) == expected


def test_bodies_too_long_for_the_event_loop_get_the_same_answer(client: TestClient, pump: ServedModel) -> None:
    rows = np.tile(ROWS, (100, 1))
    expected = ask(client, as_json(rows))
    assert ask(client, as_floats(rows)) == expected
    assert ask(client, as_arrow(pump, rows)) == expected


def test_half_as_many_bytes_get_the_scores_of_rounded_values(client: TestClient) -> None:
    rounded = ROWS.astype(np.float32).astype(np.float64)
    assert ask(client, as_floats(dtype="float32")) == ask(client, as_json(rounded))


@pytest.mark.parametrize("ids", [[*range(40)], [f"line {number}" for number in range(40)]], ids=["integers", "texts"])
def test_ids_of_an_arrow_stream_come_back(client: TestClient, pump: ServedModel, ids: list[Any]) -> None:
    assert ask(client, as_arrow(pump, id=ids)) == ask(client, as_json(ids=ids))


@pytest.mark.parametrize("explain", [True, False, "full"])
def test_explanations_are_asked_for_in_the_query(client: TestClient, pump: ServedModel, explain: bool | str) -> None:
    expected = ask(client, as_json(ROWS[:3], explain=explain))
    path = f"/score?explain={str(explain).lower()}"
    assert ask(client, as_floats(ROWS[:3]), path) == expected
    assert ask(client, as_arrow(pump, ROWS[:3]), path) == expected


def test_purifying_is_asked_for_in_the_query(client: TestClient, pump: ServedModel) -> None:
    expected = ask(client, as_json(ROWS[:2], purify=True), "/reconstruct")
    assert "purified" in expected["results"][0]
    assert ask(client, as_floats(ROWS[:2]), "/reconstruct?purify=true") == expected
    assert ask(client, as_arrow(pump, ROWS[:2]), "/reconstruct?purify=true") == expected


@pytest.mark.parametrize("path", ["/score?explain=partly", "/score?explain=", "/score?explain=true&explain=true"])
@pytest.mark.parametrize("form", ["floats", "arrow"])
def test_another_query_is_refused(client: TestClient, pump: ServedModel, path: str, form: str) -> None:
    body, headers = as_floats() if form == "floats" else as_arrow(pump)
    answer = client.post(path, content=body, headers=headers)
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "wrong_structure")


@pytest.mark.parametrize(
    ("path", "fields"),
    [
        ("/score?id=7", "may have the fields 'explain'"),
        ("/reconstruct?explain=true", "'purify'"),
        ("/encode?a", "empty"),
    ],
)
def test_fields_that_a_route_does_not_have_are_refused(client: TestClient, path: str, fields: str) -> None:
    body, headers = as_floats()
    answer = client.post(path, content=body, headers=headers)
    assert answer.status_code == 422
    assert fields in answer.json()["error"]["message"]


def test_a_limit_on_explanations_holds_for_every_form(client: TestClient, pump: ServedModel) -> None:
    for body, headers in (as_floats(np.tile(ROWS, (10, 1))), as_arrow(pump, np.tile(ROWS, (10, 1)))):
        answer = client.post("/score?explain=full", content=body, headers=headers)
        assert (answer.status_code, answer.json()["error"]["code"]) == (413, "too_many_samples")


@pytest.fixture(scope="module")
def press() -> Iterator[tuple[TestClient, ServedModel]]:
    models = load_models(WINDOW_BUNDLE.parents[1], "cpu")
    with client_of(models) as client:
        yield client, models.get("press")


@pytest.mark.parametrize("path", ["/score", "/score?explain=true", "/reconstruct", "/models/press/encode"])
def test_windows_come_in_every_form(press: tuple[TestClient, ServedModel], path: str) -> None:
    client, model = press
    windows = np.stack([strokes(STEPS, seed) for seed in range(20)])
    windows[3, 2, 1], windows[4, :, 0] = np.nan, np.inf
    asked: dict[str, Any] = {"explain": True} if "explain" in path else {}
    expected = ask(client, as_json(windows, **asked), path.partition("?")[0])
    assert ask(client, as_floats(windows), path) == expected
    lists = {
        name: pa.FixedSizeListArray.from_arrays(pa.array(windows[:, :, place].ravel()), STEPS)
        for place, name in enumerate(model.spec.names)
    }
    assert ask(client, (columns(lists), {"content-type": ARROW}), path) == expected


def test_a_scalar_for_each_channel_is_no_window(press: tuple[TestClient, ServedModel]) -> None:
    client, model = press
    body = columns({name: [1.0] for name in model.spec.names})
    answer = client.post("/score", content=body, headers={"content-type": ARROW})
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "wrong_structure")


def results_of(table: pa.Table) -> list[dict[str, Any]]:
    """Say what a JSON answer would: a reason where there is one."""
    rows = table.to_pylist()
    return [{name: value for name, value in row.items() if name != "reason" or value is not None} for row in rows]


@pytest.mark.parametrize("ids", [None, [*range(40)], [f"line {number}" for number in range(40)]])
@pytest.mark.parametrize("form", ["json", "floats", "arrow"])
def test_an_arrow_answer_says_what_a_json_answer_says(
    client: TestClient, pump: ServedModel, ids: list[Any] | None, form: str
) -> None:
    sent = {
        "json": as_json(ids=ids),
        "floats": as_floats(),
        "arrow": as_arrow(pump, ROWS, **({"id": ids} if ids else {})),
    }[form]
    expected, found = ask(client, sent), ask(client, sent, accept=ARROW)
    assert results_of(found) == expected["results"]
    said = {name.decode(): value.decode() for name, value in found.schema.metadata.items()}
    assert said == {name: str(value) for name, value in expected.items() if name != "results"}
    assert float(said["threshold"]) == expected["threshold"]


def test_the_columns_of_an_arrow_answer_have_the_same_types_whatever_is_in_them(client: TestClient) -> None:
    invalid = np.full((2, 4), np.nan)
    schemas = [ask(client, as_json(rows), accept=ARROW).schema for rows in (ROWS, ROWS[:1], invalid)]
    assert {str(schema.remove_metadata()) for schema in schemas} == {
        "id: string\nverdict: string not null\nis_anomaly: bool\nscore: double\np_value: double\n"
        "severity: double\nreason: string"
    }


@pytest.mark.parametrize(
    ("ids", "kind"),
    [([1, 2, 3], pa.int64()), ([1, 2, 2**63], pa.string()), (["a", 2, "c"], pa.string()), (None, pa.string())],
)
def test_ids_are_integers_where_all_of_them_are(client: TestClient, ids: list[Any] | None, kind: pa.DataType) -> None:
    found = ask(client, as_json(ROWS[:3], ids=ids), accept=ARROW)
    assert found.schema.field("id").type == kind
    assert found["id"].to_pylist() == ([None] * 3 if ids is None else ids if kind == pa.int64() else [*map(str, ids)])


@pytest.mark.parametrize("accept", ["*/*", "text/html", "", f"{ARROW};q=0.1, {JSON}", "application/x-ndjson"])
def test_every_other_client_gets_json(client: TestClient, accept: str) -> None:
    assert "results" in ask(client, as_floats(), accept=accept)


def test_explanations_are_not_written_as_arrow(client: TestClient) -> None:
    body, headers = as_json(ROWS[:2], explain=True)
    answer = client.post("/score", content=body, headers={**headers, "accept": ARROW})
    assert (answer.status_code, answer.json()["error"]["code"]) == (406, "not_acceptable")
    assert answer.headers["content-type"] == JSON


def test_an_error_is_json_whatever_is_accepted(client: TestClient) -> None:
    answer = client.post("/score", content=b"[]", headers={"content-type": JSON, "accept": ARROW})
    assert (answer.status_code, answer.headers["content-type"]) == (422, JSON)


def test_a_form_of_samples_may_be_compressed(client: TestClient, pump: ServedModel) -> None:
    expected = ask(client, as_json())
    for body, headers in (as_floats(), as_arrow(pump)):
        assert ask(client, (gzip.compress(body), headers), content_encoding="gzip") == expected


@pytest.mark.parametrize("path", [*BIG_ROUTES, "/reconstruct", "/encode"])
def test_a_body_of_another_type_is_refused_with_those_that_are_taken(client: TestClient, path: str) -> None:
    answer = client.post(path, content=b"1,2,3,4", headers={"content-type": "text/csv"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (415, "unsupported_type")
    assert answer.json()["error"]["message"] == f'the body must be {JSON}, {RAW} or {ARROW}, found "text/csv"'


def test_the_metrics_count_samples_of_every_form(client: TestClient, pump: ServedModel) -> None:
    def counted() -> float:
        lines = client.get("/metrics").text.splitlines()
        return sum(float(line.split()[-1]) for line in lines if line.startswith("plumbline_samples_total{"))

    before = counted()
    for sent in (as_json(), as_floats(), as_arrow(pump)):
        ask(client, sent, accept=ARROW)
    assert counted() - before == 3 * len(ROWS)
