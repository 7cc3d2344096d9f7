"""Requests as values: what is sent, and how the answer is read. Nothing here touches a network."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from os import PathLike
from pathlib import Path
from typing import Any, Generic, Literal, TypeAlias, TypeVar
from urllib.parse import quote, urlencode

import msgspec

from plumbline_client.answers import ScoreAnswer
from plumbline_client.cards import ModelCard, ModelList, Ready
from plumbline_client.samples import Array, Samples, to_floats, to_json

Answer = TypeVar("Answer")
Id: TypeAlias = str | int
Explain: TypeAlias = bool | Literal["full"]
HeatMapFormat: TypeAlias = Literal["png", "array"]
EncodedImage: TypeAlias = bytes | str | PathLike[str]

JSON = {"Content-Type": "application/json"}
_SCORES = msgspec.json.Decoder(ScoreAnswer)


@dataclass(frozen=True)
class Call(Generic[Answer]):
    """One request. ``read`` makes the answer's bytes a value, and raises ``msgspec.DecodeError`` where it cannot.

    Where it is repeatable, it changes nothing on the server that doing it again would change once more.
    """

    method: Literal["GET", "POST", "DELETE"]
    path: str
    read: Callable[[bytes], Answer]
    content: bytes | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    files: Sequence[tuple[str, tuple[str, bytes]]] = ()
    is_repeatable: bool = True


def score_call(samples: Samples, model: str | None, ids: Sequence[Id] | None, explain: Explain) -> Call[ScoreAnswer]:
    _check_ids(ids, len(samples))
    if isinstance(samples, Array):
        query = f"?explain={str(explain).lower()}" if explain else ""
        content, headers = to_floats(samples)
        return Call("POST", of_model(model, f"/score{query}"), _scores_of(len(samples), ids), content, headers)
    body: dict[str, Any] = {"samples": samples}
    if ids is not None:
        body["ids"] = ids
    if explain:
        body["explain"] = explain
    return Call("POST", of_model(model, "/score"), _scores_of(len(samples)), to_json(body), JSON)


def score_images_call(
    images: Sequence[EncodedImage], model: str | None, ids: Sequence[str] | None, heat_map: HeatMapFormat | None
) -> Call[ScoreAnswer]:
    _check_ids(ids, len(images))
    query = "" if heat_map is None else f"?{urlencode({'explain': 'heatmap', 'format': heat_map})}"
    files = [
        ("images", (_name(image, at) if ids is None else ids[at], _bytes(image))) for at, image in enumerate(images)
    ]
    return Call("POST", of_model(model, f"/score{query}"), _scores_of(len(images)), files=files)


def models_call() -> Call[ModelList]:
    return Call("GET", "/models", msgspec.json.Decoder(ModelList).decode)


def model_call(name: str) -> Call[ModelCard]:
    return Call("GET", f"/models/{quote(name, safe='')}", msgspec.json.Decoder(ModelCard).decode)


def ready_call() -> Call[Ready]:
    return Call("GET", "/health/ready", msgspec.json.Decoder(Ready).decode)


def _scores_of(count: int, ids: Sequence[Id] | None = None) -> Callable[[bytes], ScoreAnswer]:
    """Read scores of ``count`` samples; their ``ids``, where these did not go along, are put to the results."""

    def read(content: bytes) -> ScoreAnswer:
        answer = _SCORES.decode(content)
        if len(answer.results) != count:
            raise msgspec.ValidationError(f"expected {count} results, found {len(answer.results)}")
        if ids is None:
            return answer
        results = (replace(result, id=sample) for result, sample in zip(answer.results, ids, strict=True))
        return replace(answer, results=tuple(results))

    return read


def _check_ids(ids: Sequence[Id] | None, count: int) -> None:
    if ids is not None and len(ids) != count:
        raise ValueError(f"expected one id for each of {count} samples, found {len(ids)}")


def of_model(model: str | None, path: str) -> str:
    return path if model is None else f"/models/{quote(model, safe='')}{path}"


def _name(image: EncodedImage, at: int) -> str:
    return str(at) if isinstance(image, bytes) else Path(image).name


def _bytes(image: EncodedImage) -> bytes:
    return image if isinstance(image, bytes) else Path(image).read_bytes()
