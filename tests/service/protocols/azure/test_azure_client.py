"""Azure's own client for Python, against a real service."""

from collections.abc import Iterator, Sequence
from typing import Any, TypeAlias

import pytest
from azure.ai.anomalydetector import AnomalyDetectorClient
from azure.core.credentials import AzureKeyCredential
from azure.core.exceptions import HttpResponseError, ResourceNotFoundError

from tests.service.bundles import GOLDEN_MODELS
from tests.service.programs import serving
from tests.service.protocols.series_bodies import ANOMALOUS, NORMAL, START, Row, variables

Client: TypeAlias = AnomalyDetectorClient


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    with (
        serving(GOLDEN_MODELS, tmp_path_factory.mktemp("service") / "log") as service,
        Client(service.url, AzureKeyCredential("whatever it was")) as client,
    ):
        yield client


def detected(client: Client, rows: Sequence[Row], **asked: object) -> Any:
    return client.detect_multivariate_last_anomaly("pump", {"variables": variables(rows), **asked})


def test_it_reads_an_anomaly_and_what_makes_it_one(client: Client) -> None:
    found = detected(client, [NORMAL, ANOMALOUS], topContributorCount=2)
    (result,) = found.results
    assert result.timestamp == START.replace(second=10)
    assert result.value.is_anomaly
    assert 0 < result.value.severity < result.value.score < 1
    assert [part.variable for part in result.value.interpretation] == ["flow", "temperature"]
    assert result.value.interpretation[0].correlation_changes.changed_variables == []
    assert [(state.variable, state.effective_count) for state in found.variable_states][1] == ("flow", 1)
    assert found.variable_states[0].first_timestamp == START.replace(second=10)


def test_it_finds_no_value_where_nothing_could_be_judged(client: Client) -> None:
    (result,) = detected(client, [(8.1, None, 45.2, 11.1)]).results
    assert result.value is None
    assert [(error.code, error.message) for error in result.errors] == [("missing_value", "'flow' has no value")]


def test_it_raises_what_is_wrong(client: Client) -> None:
    with pytest.raises(ResourceNotFoundError, match=r"\(ModelNotExist\) no model has this name; there are 'pump'"):
        client.detect_multivariate_last_anomaly("valve", {"variables": variables([NORMAL])})
    with pytest.raises(HttpResponseError, match=r"\(BadArgument\) .* found no 'pressure'") as malformed:
        client.detect_multivariate_last_anomaly("pump", {"variables": variables([NORMAL])[1:]})
    assert malformed.value.status_code == 400
