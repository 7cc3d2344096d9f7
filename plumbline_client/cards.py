"""What the service tells of its models, as values."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class RefusedVersion:
    """A version that is there but not trusted, and why."""

    version: int
    reason: str


@dataclass(frozen=True, slots=True)
class ModelSummary:
    """A model's name and the version served; None where none of its versions can be."""

    name: str
    version: int | None
    digest: str | None
    refused: tuple[RefusedVersion, ...] = ()


@dataclass(frozen=True, slots=True)
class ModelList:
    """Every model, and the one that is meant where none is named."""

    default: str | None
    models: tuple[ModelSummary, ...]


@dataclass(frozen=True, slots=True)
class Feature:
    """One value of a sample: its name, its unit, and the physical limits outside which it is invalid."""

    name: str
    unit: str
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class Threshold:
    """The score above which a sample is an anomaly, and the false-alarm rate that is promised for it."""

    value: float
    target_fpr: float
    rule: str
    confidence: float | None
    calibration_count: int


@dataclass(frozen=True, slots=True)
class Window:
    """Of a model of windows: how many steps, how many seconds from one to the next."""

    length: int
    stride: int
    sampling_interval: float


@dataclass(frozen=True, slots=True)
class Image:
    """Of a model of images: the geometry it takes, and the line of its heat maps."""

    height: int
    width: int
    bits: int
    resized: bool
    heat_threshold: float | None


@dataclass(frozen=True, slots=True)
class ModelCard:
    """What one model takes and promises. ``training`` is as the service tells it: how the model was made.

    ``signed_by`` is the key that vouches for it, None where the service asks for none; ``pinned`` the version it is held at.
    Where it is not ``is_loaded``, it has made room for others; asked for scores, it is loaded first.
    """

    name: str
    version: int
    digest: str
    modality: str
    features: tuple[Feature, ...]
    detector: str
    score: str
    latent_size: int | None
    threshold: Threshold
    review_threshold: Threshold | None
    window: Window | None
    image: Image | None
    training: Mapping[str, Any]
    signed_by: str | None = None
    pinned: int | None = None
    is_loaded: bool = True
    refused: tuple[RefusedVersion, ...] = ()


@dataclass(frozen=True, slots=True)
class Ready:
    """That the service is ready, and which version of each model it serves."""

    status: str
    models: Mapping[str, int]
