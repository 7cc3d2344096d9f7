"""The service as its callers see it: JSON over HTTP, with nothing but the standard library and orjson."""

from dataclasses import dataclass
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException
from typing import Any
from urllib.parse import urlsplit

import numpy as np
import orjson
from numpy.typing import NDArray

from examples.demo.errors import DemoError

BATCH = 1000
JSON = "application/json"
TIMEOUT_SECONDS = 60.0


@dataclass(frozen=True)
class Suspect:
    """The feature that adds most to a sample's score: what it read and what was expected of it."""

    feature: str
    share: float
    observed: float
    expected: float


@dataclass(frozen=True)
class Judgement:
    """What the service says of one sample; score and p-value are None where it is invalid, and ``reason`` says why."""

    verdict: str
    score: float | None
    p_value: float | None
    reason: str | None
    suspect: Suspect | None

    @property
    def is_alarm(self) -> bool:
        return self.verdict == "anomaly"


@dataclass(frozen=True)
class Model:
    """What the service says of a model."""

    features: tuple[str, ...]
    units: dict[str, str]
    threshold: float
    target_fpr: float


@dataclass(frozen=True)
class Client:
    """One service."""

    url: str

    def is_ready(self) -> bool:
        return self._answer("/health/ready", None)[0] == HTTPStatus.OK

    def model(self, name: str) -> Model:
        card = self.ask(f"/models/{name}", None)
        units = {feature["name"]: feature["unit"] for feature in card["features"]}
        threshold = card["threshold"]
        return Model(tuple(units), units, threshold["value"], threshold["target_fpr"])

    def score(self, name: str, x: NDArray[np.float64]) -> list[Judgement]:
        """Judge samples ``x`` [B, F] in feature order, explained; NaN travels as null."""
        judgements: list[Judgement] = []
        for start in range(0, len(x), BATCH):
            answer = self.ask(f"/models/{name}/score", samples_json(x[start : start + BATCH]))
            judgements += [_judgement(result) for result in answer["results"]]
        return judgements

    def ask(self, path: str, body: bytes | None, content_type: str = JSON) -> dict[str, Any]:
        """Send ``body``, or ask without one, and return the answer.

        Raises:
            DemoError: there is none, or it is an error.
        """
        status, said = self._answer(path, body, content_type)
        if status != HTTPStatus.OK:
            raise DemoError(f"{self.url}{path} answered {status}: {said.decode('utf-8', 'replace')}")
        fields: dict[str, Any] = orjson.loads(said)
        return fields

    def _answer(self, path: str, body: bytes | None, content_type: str = JSON) -> tuple[int, bytes]:
        connection = HTTPConnection(urlsplit(self.url).netloc, timeout=TIMEOUT_SECONDS)
        try:
            connection.request("GET" if body is None else "POST", path, body, {"Content-Type": content_type})
            answer = connection.getresponse()
            return answer.status, answer.read()
        except (OSError, HTTPException) as error:
            raise DemoError(f"{self.url}{path} gave no answer: {error}") from error
        finally:
            connection.close()


def samples_json(x: NDArray[np.float64]) -> bytes:
    """Write samples [B, F] as the body of ``POST /score``, asking for explanations."""
    return orjson.dumps(
        {"samples": np.ascontiguousarray(x), "explain": True},
        option=orjson.OPT_SERIALIZE_NUMPY | orjson.OPT_APPEND_NEWLINE,
    )


def _judgement(result: dict[str, Any]) -> Judgement:
    contributions = result.get("contributions")
    return Judgement(
        verdict=result["verdict"],
        score=result["score"],
        p_value=result["p_value"],
        reason=result.get("reason"),
        suspect=Suspect(**contributions[0]) if contributions else None,
    )
