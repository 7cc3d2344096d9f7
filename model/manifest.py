"""The manifest: what a bundle is, what it promises and how it was made. ``docs/bundle-format.md`` is the normative text."""

import json
from typing import Any, Literal, NoReturn, Self

from pydantic import BaseModel, ConfigDict, Field, JsonValue, ValidationError, model_validator

from model.errors import BundleFormatVersionError, BundleManifestError
from model.features import Feature, FeatureSpec
from model.threshold import Threshold

FORMAT_VERSION = 1

ScoreKind = Literal["l2", "standardized", "mahalanobis", "joint"]


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, protected_namespaces=())


class FileEntry(_Section):
    """What one file of the bundle must be, byte for byte."""

    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    bytes: int = Field(ge=0)


class Graphs(_Section):
    """What runs, and how closely other machines must reproduce its scores."""

    precision: Literal["float32", "float64"]
    latent_size: int = Field(ge=1)
    score_rtol: float = Field(gt=0, le=1e-3)


class Training(_Section):
    """How the bundle was made, so that it can be made again."""

    created_at: str
    data_fingerprint: str
    config: dict[str, JsonValue]
    config_sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    code_version: str
    libraries: dict[str, str]
    seed: int
    rows: dict[str, int]
    metrics: dict[str, float]


class Manifest(_Section):
    """A bundle's ``manifest.json``, format version 1."""

    format_version: Literal[1]
    name: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$")
    version: int = Field(ge=1)
    modality: Literal["tabular"]
    features: tuple[Feature, ...]
    score: ScoreKind
    threshold: Threshold
    review_threshold: Threshold | None = None
    graphs: Graphs
    training: Training
    files: dict[str, FileEntry]

    @model_validator(mode="after")
    def _is_consistent(self) -> Self:
        FeatureSpec(features=self.features)
        if self.review_threshold is not None and self.review_threshold.value > self.threshold.value:
            raise ValueError("review_threshold must not lie above threshold")
        return self

    @property
    def feature_spec(self) -> FeatureSpec:
        return FeatureSpec(features=self.features)

    def to_json(self) -> bytes:
        """Write the manifest in the one way it is written: UTF-8, two-space indent, fields in declared order."""
        return (json.dumps(self.model_dump(mode="json"), indent=2, ensure_ascii=False, allow_nan=False) + "\n").encode()


def parse_manifest(raw: bytes) -> Manifest:
    """Read a manifest strictly: UTF-8 JSON, no repeated key, no NaN, no unknown field, a known format version."""
    try:
        fields = json.loads(raw.decode("utf-8"), parse_constant=_refuse_constant, object_pairs_hook=_refuse_repeated)
    except (ValueError, RecursionError) as error:
        raise BundleManifestError(f"manifest.json is not strict JSON: {error}") from error
    if not isinstance(fields, dict):
        raise BundleManifestError(f"manifest.json must hold an object, found {type(fields).__name__}")
    found = fields.get("format_version")
    if not isinstance(found, int) or isinstance(found, bool):
        raise BundleManifestError(f"manifest.json: format_version must be an integer, found {found!r}")
    if found != FORMAT_VERSION:
        raise BundleFormatVersionError(
            f"bundle format version {found} is not known here (this reader knows {FORMAT_VERSION}); update Plumbline"
        )
    try:
        return Manifest.model_validate_json(raw, strict=True)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise BundleManifestError(f"manifest.json: {place or 'top level'}: {first['msg']}") from error


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not allowed")


def _refuse_repeated(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    fields = dict(pairs)
    if len(fields) != len(pairs):
        keys = [key for key, _ in pairs]
        raise ValueError(f"key '{next(key for key in keys if keys.count(key) > 1)}' is repeated")
    return fields
