"""The wire forms of the Open Inference Protocol's answers."""

from typing import (
    Annotated,
    Literal,
    NotRequired,  # pydantic reads these, not typing's, before Python 3.12
)

from pydantic import Field
from typing_extensions import TypedDict

from service.answers import on_demand


class ServerMetadata(TypedDict):
    name: str
    version: str
    extensions: list[str]


class Live(TypedDict):
    live: Literal[True]


class Ready(Live):
    ready: Literal[True]


class ModelReady(TypedDict):
    name: str
    ready: Literal[True]


class TensorMetadata(TypedDict):
    name: str
    datatype: str
    shape: Annotated[list[int], Field(description="-1 where any size is taken.")]


class ModelParameters(TypedDict):
    """Which bundle answers, and by which line."""

    version: int
    digest: Annotated[str, Field(description="SHA-256 of the manifest of the bundle.")]
    threshold: Annotated[float, Field(description="A score above it is an anomaly.")]


@on_demand
class ModelMetadata(TypedDict):
    name: str
    versions: Annotated[list[str], Field(description="The one that is served.")]
    platform: str
    inputs: list[TensorMetadata]
    outputs: list[TensorMetadata]
    parameters: ModelParameters


class RepositoryModel(TypedDict):
    """A version of a model: served, or refused."""

    name: str
    version: str
    state: Literal["READY", "UNAVAILABLE"]
    reason: Annotated[str, Field(description="Why it is not served; empty where it is.")]


class BinarySize(TypedDict):
    binary_data_size: int


class OutputTensor(TypedDict):
    """An output: its values, or how many bytes of them stand behind the JSON."""

    name: str
    datatype: str
    shape: list[int]
    parameters: NotRequired[BinarySize]
    data: NotRequired[
        Annotated[
            list[float | None] | list[bool] | list[str],
            Field(description="For each sample; null for the score, p-value and severity of an invalid one."),
        ]
    ]


@on_demand
class InferAnswer(TypedDict):
    model_name: str
    model_version: str
    id: NotRequired[Annotated[str, Field(description="As given in the request; absent where it gave none.")]]
    parameters: ModelParameters
    outputs: list[OutputTensor]
