"""Requests as values: what is sent, and what the answer is read as. Nothing here touches a network."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from os import PathLike
from pathlib import Path
from typing import Any, Generic, Literal, TypeAlias, TypeVar
from urllib.parse import quote, urlencode

from plumbline_client.answers import ScoreAnswer
from plumbline_client.cards import ModelCard, ModelList, Ready
from plumbline_client.samples import Samples, to_json

Answer = TypeVar("Answer")
Id: TypeAlias = str | int
Explain: TypeAlias = bool | Literal["full"]
HeatMapFormat: TypeAlias = Literal["png", "array"]
EncodedImage: TypeAlias = bytes | str | PathLike[str]


@dataclass(frozen=True)
class Call(Generic[Answer]):
    """One request. It changes nothing on the server unless ``is_repeatable`` is False, so it may be sent again."""

    method: Literal["GET", "POST", "DELETE"]
    path: str
    answer: type[Answer]
    content: bytes | None = None
    content_type: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    files: Sequence[tuple[str, tuple[str, bytes]]] = ()
    is_repeatable: bool = True


def score_call(samples: Samples, model: str | None, ids: Sequence[Id] | None, explain: Explain) -> Call[ScoreAnswer]:
    body: dict[str, Any] = {"samples": samples}
    if ids is not None:
        body["ids"] = ids
    if explain:
        body["explain"] = explain
    return Call("POST", _of(model, "/score"), ScoreAnswer, to_json(body), "application/json")


def score_images_call(
    images: Sequence[EncodedImage], model: str | None, ids: Sequence[str] | None, heat_map: HeatMapFormat | None
) -> Call[ScoreAnswer]:
    if ids is not None and len(ids) != len(images):
        raise ValueError(f"expected one id for each of {len(images)} images, found {len(ids)}")
    query = "" if heat_map is None else f"?{urlencode({'explain': 'heatmap', 'format': heat_map})}"
    files = [
        ("images", (ids[at] if ids is not None else _name(image, at), _bytes(image))) for at, image in enumerate(images)
    ]
    return Call("POST", _of(model, f"/score{query}"), ScoreAnswer, files=files)


def models_call() -> Call[ModelList]:
    return Call("GET", "/models", ModelList)


def model_call(name: str) -> Call[ModelCard]:
    return Call("GET", f"/models/{quote(name, safe='')}", ModelCard)


def ready_call() -> Call[Ready]:
    return Call("GET", "/health/ready", Ready)


def _of(model: str | None, path: str) -> str:
    return path if model is None else f"/models/{quote(model, safe='')}{path}"


def _name(image: EncodedImage, at: int) -> str:
    return str(at) if isinstance(image, bytes) else Path(image).name


def _bytes(image: EncodedImage) -> bytes:
    return image if isinstance(image, bytes) else Path(image).read_bytes()
