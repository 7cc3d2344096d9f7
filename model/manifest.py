"""The manifest: what a bundle is, what it promises and how it was made. ``docs/bundle-format.md`` is the normative text."""

import json
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, JsonValue, ValidationError, model_validator
from pydantic_core import ErrorDetails

from model.alarm.rule import Alarm
from model.alarm_budget import AlarmBudget
from model.detectability import Detectability
from model.errors import BundleFormatVersionError, BundleManifestError
from model.explanation import Explanation
from model.features import MAX_FEATURES, Feature, FeatureSpec
from model.modality import Backbone, Image, Modality, Window
from model.quoting import quoted
from model.sample_form import SampleForm, SampleType
from model.strict_json import read_strictly
from model.threshold import Threshold

FORMAT_VERSION = 1

DetectorKind = Literal["vae", "pca", "mahalanobis", "knn", "feature_vae"]
ScoreKind = Literal["l2", "standardized", "mahalanobis", "joint", "neighbourhood"]
MeasuredScore = Literal[ScoreKind, "distance", "spans", "patches", "features"]
WITHOUT_LATENT: tuple[DetectorKind, ...] = ("mahalanobis", "knn", "feature_vae")


# Segments of letters, digits, '_', '-' and inner dots: nothing that climbs, hides, or means something to another system.
_SEGMENT = "[A-Za-z0-9_-][A-Za-z0-9._-]{0,99}"
FILE_NAME = f"^{_SEGMENT}(/{_SEGMENT}){{0,7}}$"
NAME = "^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$"
MAX_FILES = 1000
IMAGE_CHANNELS = (1, 3)


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, use_attribute_docstrings=True)


class FileEntry(_Section):
    """What one file of the bundle must be, byte for byte."""

    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    """SHA-256 of the file's bytes, as 64 lower-case hexadecimal digits."""
    bytes: int = Field(ge=0)
    """The file's size."""


class Graphs(_Section):
    """What runs, and how closely other machines must reproduce its scores."""

    precision: Literal["float32", "float64"]
    """Floating-point type inside the network; inputs and outputs are float64 in either case."""
    latent_size: int | None = Field(ge=1, le=MAX_FEATURES)
    """Z, the size of the latent; null for a detector without one, which has neither encoder nor decoder."""
    score_rtol: float = Field(gt=0, le=1e-3)
    """Largest relative difference from a golden score at which a machine still reproduces it."""


class Training(_Section):
    """How the bundle was made, so that it can be made again."""

    created_at: str
    """When the bundle was made, ISO 8601 with the UTC offset."""
    data_fingerprint: str
    """Identifies the training data: ``sha256:`` and a digest of their values."""
    calibration_fingerprint: str | None = None
    """Identifies the clean data that the threshold was set on anew, or null where it was held out of the training data."""
    config: dict[str, JsonValue]
    """Every setting of the training run, defaults included."""
    config_sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    """SHA-256 of ``config`` as JSON with sorted keys."""
    code_version: str
    """The Plumbline version that made the bundle."""
    libraries: dict[str, str]
    """Library names to the versions that were used."""
    seed: int = Field(ge=0, lt=2**63)
    """The seed of every random draw."""
    rows: dict[str, int]
    """Rows by part of the data: training, validation, calibration and so on."""
    metrics: dict[str, float]
    """What the training run measured, by name."""


class Parent(_Section):
    """The bundle whose graphs these are: calibrated anew, not trained again."""

    name: str = Field(pattern=NAME)
    """The parent's name."""
    version: int = Field(ge=1, le=999_999_999)
    """The parent's version."""
    digest: str = Field(pattern=r"^[0-9a-f]{64}$")
    """The parent's digest: SHA-256 of its manifest."""


class Manifest(_Section):
    """A bundle's ``manifest.json``, format version 1."""

    format_version: Literal[1]
    """Version of the bundle format, not of the bundle."""
    name: str = Field(pattern=NAME)
    """The model's name, that of the directory which holds its versions."""
    version: int = Field(ge=1, le=999_999_999)
    """The bundle's version, that of the bundle directory."""
    modality: Modality
    """What a sample is: one row of features, a window of a time series, or an image."""
    window: Window | None = None
    """The window's length and time, for modality ``window`` and no other."""
    image: Image | None = None
    """The image's geometry, for modality ``image`` and no other."""
    backbone: Backbone | None = None
    """The network whose features are reconstructed, for detector ``feature_vae`` and no other."""
    features: tuple[Feature, ...] = Field(min_length=1, max_length=MAX_FEATURES)
    """The features of a sample (channels of a window or an image), in the order of the graphs' columns; names are unique."""
    most_absent: int = Field(default=0, ge=0, lt=MAX_FEATURES)
    """How many values of a sample may be absent, NaN to the graphs; with more it is invalid. Below the number of features."""
    detector: DetectorKind = "vae"
    """The method; the graphs decide what runs."""
    score: MeasuredScore
    """Which reconstruction error ``scorer.onnx`` computes; the formulas are in ``docs/scoring-and-calibration.md``."""
    threshold: Threshold
    """The line above which a sample is an anomaly."""
    review_threshold: Threshold | None = None
    """A looser line above which a sample is for review, or null; never above ``threshold``."""
    alarm_budget: AlarmBudget | None = None
    """The false alarms allowed in a period, for which ``threshold`` was chosen; null where a rate was asked for."""
    alarm: Alarm | None = None
    """How a stream's verdicts become alarms, or null: each anomaly is one."""
    graphs: Graphs
    """What runs."""
    explanation: Explanation | None = None
    """What explaining a sample in full stands on, or null; nothing in it changes a verdict."""
    parent: Parent | None = None
    """The bundle that this one was calibrated from anew, or null where it was trained."""
    detectability: Detectability | None = None
    """The smallest faults that are found, by feature and kind, or null where none were tried."""
    training: Training
    """Provenance, for people; nothing in it changes a verdict."""
    files: dict[str, FileEntry] = Field(
        max_length=MAX_FILES, json_schema_extra={"propertyNames": {"pattern": FILE_NAME}}
    )
    """Every file of the bundle but the manifest itself, by its path inside the bundle."""

    @model_validator(mode="after")
    def _is_consistent(self) -> Self:
        FeatureSpec(features=self.features, most_absent=self.most_absent)
        self._fits_its_modality()
        if self.explanation is not None and len(self.explanation.readings) != len(self.features):
            raise ValueError(f"explanation must have {len(self.features)} readings, one for each feature")
        tried = {limit.feature for limit in self.detectability.limits} if self.detectability else set()
        if unknown := tried.difference(feature.name for feature in self.features):
            raise ValueError(f"detectability names a feature that is not there: {quoted(min(unknown))}")
        if (self.graphs.latent_size is None) != (self.detector in WITHOUT_LATENT):
            raise ValueError(
                f"graphs.latent_size must be null for detectors {' and '.join(WITHOUT_LATENT)}, and for no other"
            )
        if (self.score == "distance") != (self.detector == "knn"):
            raise ValueError("score must be 'distance' for detector knn, and for no other")
        if self.alarm is not None and self.alarm.rule.clear_threshold > self.threshold.value:
            raise ValueError("alarm.rule.clear_threshold must not be above threshold.value")
        review = self.review_threshold
        if review is None:
            return self
        if review.value > self.threshold.value or review.target_fpr <= self.threshold.target_fpr:
            raise ValueError("review_threshold must have a larger target_fpr than threshold, and no larger value")
        if review.calibration_count != self.threshold.calibration_count:
            raise ValueError("review_threshold and threshold must stand on the same calibration scores")
        return self

    def _fits_its_modality(self) -> None:
        for name, section in (("window", self.window), ("image", self.image)):
            if (section is not None) != (self.modality == name):
                raise ValueError(f"{name} must be there for modality '{name}', and null for any other")
        if (self.backbone is not None) != (self.detector == "feature_vae"):
            raise ValueError("backbone must be there for detector 'feature_vae', and null for any other")
        if self.detector == "feature_vae" and self.modality != "image":
            raise ValueError("detector 'feature_vae' is for modality 'image'")
        if self.modality != "tabular" and (self.most_absent or self.explanation or self.detectability):
            raise ValueError("most_absent, explanation and detectability are for modality 'tabular'")
        if self.image is not None and len(self.features) not in IMAGE_CHANNELS:
            raise ValueError(f"an image has 1 or 3 channels, found {len(self.features)} features")

    @property
    def form(self) -> SampleForm:
        """Return a sample's shape and type."""
        width = len(self.features)
        if self.window is not None:
            return SampleForm((self.window.length, width))
        if self.image is not None:
            pixels: SampleType = "uint8" if self.image.bits == 8 else "uint16"
            shape = (self.image.height, self.image.width, width)
            return SampleForm(shape, pixels, rebuilt=self.detector != "feature_vae")
        return SampleForm((width,))

    @property
    def feature_spec(self) -> FeatureSpec:
        return FeatureSpec(features=self.features, most_absent=self.most_absent)

    def to_json(self) -> bytes:
        """Write the manifest in the one way it is written: UTF-8, two-space indent, fields in declared order."""
        return (json.dumps(self.model_dump(mode="json"), indent=2, ensure_ascii=False, allow_nan=False) + "\n").encode()


def parse_manifest(raw: bytes, file: str = "manifest.json") -> Manifest:
    """Read a manifest strictly: UTF-8 JSON, no repeated key, no NaN, no unknown field, a known format version.

    Raises:
        BundleManifestError: it is anything else.
        BundleFormatVersionError: the format version is not the one known here.
    """
    try:
        fields = read_strictly(raw)
    except ValueError as error:
        raise BundleManifestError(f"{file}: not strict JSON: {error}") from error
    if not isinstance(fields, dict):
        raise BundleManifestError(f"{file}: must hold an object, found {type(fields).__name__}")
    found = fields.get("format_version")
    if not isinstance(found, int) or isinstance(found, bool):
        raise BundleManifestError(f"{file}: format_version must be an integer, found {quoted(found)}")
    if found != FORMAT_VERSION:
        newer = "; a newer Plumbline wrote it" if found > FORMAT_VERSION else ""
        raise BundleFormatVersionError(
            f"{file}: bundle format version {quoted(found)} is not known here, only {FORMAT_VERSION}{newer}"
        )
    try:
        return Manifest.model_validate_json(raw, strict=True)
    except ValidationError as error:
        raise BundleManifestError(f"{file}: {_describe(error.errors()[0])}") from error


def _describe(fault: ErrorDetails) -> str:
    place = quoted(".".join(str(part) for part in fault["loc"])) if fault["loc"] else "top level"
    # Of these, the input is all that surrounds the fault.
    found = "" if fault["type"] in ("missing", "value_error", "json_invalid") else f", found {quoted(fault['input'])}"
    return f"{place}: {fault['msg']}{found}"
