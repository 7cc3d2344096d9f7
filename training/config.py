"""Everything a training run may be told, one frozen value."""

import hashlib
import json
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from model.errors import InputError
from model.features import Feature, FeatureSpec
from model.manifest import DetectorKind, ScoreKind
from model.modality import Modality
from model.quoting import quoted_list
from model.threshold import CalibrationRule
from training.alarm_budget import AskedBudget, parse_budget
from training.alarm_config import AlarmConfig
from training.config_fault import sentence
from training.modality_config import BackboneConfig, ImageConfig, WindowConfig

Unwanted = Literal["refuse", "drop"]
Missing = Literal["refuse", "allow"]
Noise = Literal["fixed", "shared", "per_feature"]  # model.vae.Noise, without importing torch for it
SplitMethod = Literal["time", "group", "random"]
MODALITIES: dict[str, Modality] = {"window": "window", "image": "image", "backbone": "image"}


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class DataConfig(_Section):
    """Which columns mean what. Whatever is not named here is a feature."""

    time: str | None = Field(default=None, description="column that orders the rows; without it, file order counts")
    group: str | None = Field(default=None, description="column naming the run, batch or asset a row belongs to")
    ignore: tuple[str, ...] = Field(default=(), description="columns that are not features")
    constant: Unwanted = Field(default="refuse", description="what to do with a column that never changes")
    duplicate: Unwanted = Field(default="refuse", description="what to do with a column that repeats another")
    missing: Missing = Field(default="refuse", description="whether samples may lack up to half of their values")


class SplitConfig(_Section):
    """How clean rows are shared out. What is left after validation, calibration and gaps is trained on."""

    by: SplitMethod = "time"
    validation: float = Field(default=0.15, gt=0, lt=1)
    calibration: float = Field(default=0.25, gt=0, lt=1)
    gap: int | None = Field(
        default=None, ge=0, description="rows left out between parts; default 1 % of all, 0 if random"
    )

    @model_validator(mode="after")
    def _leaves_rows_to_train_on(self) -> Self:
        if self.validation + self.calibration >= 0.95:
            raise ValueError("validation and calibration together must leave at least 5 % of the rows to train on")
        return self


class VaeConfig(_Section):
    """The network. Hidden layers are the encoder's, the decoder mirrors them."""

    latent_size: int | None = Field(default=None, ge=1, le=4096, description="default: half the features, rounded up")
    hidden: tuple[Annotated[int, Field(ge=1, le=8192)], ...] = Field(default=(256, 256), max_length=8)
    noise: Noise = "per_feature"
    noise_floor: float = Field(default=0.45, ge=0.005, lt=1, description="least learned noise, in spreads of a feature")


class FitConfig(_Section):
    """The optimisation. An epoch passes the training rows once, within 50 steps and a twentieth of all steps."""

    steps: int = Field(default=3000, ge=1, description="at most this many optimiser steps")
    batch_size: int = Field(default=256, ge=1)
    learning_rate: float = Field(default=1e-3, gt=0)
    beta: float = Field(default=1.0, ge=0, description="weight of the rate")
    warm_up: float = Field(default=0.1, ge=0, le=1, description="share of the steps over which beta rises from zero")
    patience: int = Field(
        default=15, ge=1, description="epochs without a better validation negative ELBO before stopping"
    )
    gradient_clip: float = Field(default=10.0, gt=0, description="largest gradient norm that is not scaled down")


class CalibrationConfig(_Section):
    """What is promised of the threshold, see ``docs/scoring-and-calibration.md``."""

    rule: CalibrationRule = "tolerance"
    confidence: float = Field(default=0.95, gt=0, lt=1)
    method: Literal["auto", "held_out", "cross_fitted"] = Field(
        default="auto",
        description="calibrate on a part held out, or on all rows, each out of its fold; auto: where the part is too small",
    )
    folds: int = Field(default=5, ge=2, le=20, description="parts that are held out in turn in cross-fitting")
    review_fpr: float | None = Field(
        default=None, gt=0, lt=1, description="looser rate above which a sample is for review"
    )
    alarm_budget: str | None = Field(
        default=None, description="instead of target_fpr: episodes of false alarms allowed, such as '2 per month'"
    )
    sampling_interval: str | None = Field(default=None, description="time from one row to the next, such as '500ms'")

    @model_validator(mode="after")
    def _budget_can_be_kept(self) -> Self:
        if (self.alarm_budget is None) != (self.sampling_interval is None):
            raise ValueError(
                "alarm_budget and sampling_interval belong together: how many false alarms in a period, and how far "
                "apart in time two rows are"
            )
        if self.budget is not None and self.rule != "tolerance":
            raise ValueError(f"alarm_budget is kept with confidence, by the rule 'tolerance', found rule '{self.rule}'")
        return self

    @property
    def budget(self) -> AskedBudget | None:
        """Return the alarm budget, or None where a rate is asked for."""
        if self.alarm_budget is None or self.sampling_interval is None:
            return None
        return parse_budget(self.alarm_budget, self.sampling_interval)


class ExplanationConfig(_Section):
    """What the bundle keeps for explanations in full. The sketch holds rows of the clean data as they are."""

    sketch_rows: int = Field(
        default=1000,
        ge=0,
        le=1000,
        description="clean rows kept to compare samples with, and to draw new ones from; 0 keeps none",
    )


class SuspectsConfig(_Section):
    """How rows are found that look least clean, see ``docs/scoring-and-calibration.md``."""

    folds: int = Field(
        default=2, ge=0, description="parts of the clean rows, each judged by the others; 0: none are looked for"
    )
    steps: int = Field(
        default=600, ge=1, description="optimiser steps of all folds together, and at most those of the fit"
    )

    @model_validator(mode="after")
    def _others_judge(self) -> Self:
        if self.folds == 1:
            raise ValueError(
                "suspects.folds is at least 2, as each fold is judged by the others, or 0 to look for none"
            )
        return self


class FeatureConfig(_Section):
    """What an engineer declares of one feature."""

    unit: str = ""
    low: float | None = None
    high: float | None = None


class TrainingConfig(_Section):
    """One training run."""

    modality: Modality = "tabular"
    target_fpr: float = Field(default=0.01, gt=0, lt=1, description="share of clean samples that may raise an alarm")
    seed: int = Field(default=0, ge=0, lt=2**63)
    detector: DetectorKind = Field(default="vae", description="which of the detectors fitted becomes the bundle")
    score: ScoreKind = Field(default="neighbourhood", description="what is measured of the VAE's reconstruction error")
    data: DataConfig = DataConfig()
    split: SplitConfig = SplitConfig()
    vae: VaeConfig = VaeConfig()
    fit: FitConfig = FitConfig()
    calibration: CalibrationConfig = CalibrationConfig()
    alarm: AlarmConfig = AlarmConfig()
    window: WindowConfig = WindowConfig()
    image: ImageConfig = ImageConfig()
    backbone: BackboneConfig = BackboneConfig()
    explanation: ExplanationConfig = ExplanationConfig()
    suspects: SuspectsConfig = SuspectsConfig()
    features: dict[str, FeatureConfig] = {}

    @model_validator(mode="after")
    def _is_consistent(self) -> Self:
        if self.split.by == "group" and self.data.group is None:
            raise ValueError("split.by = 'group' needs data.group, the column that names each row's group")
        if self.split.by == "group" and self.split.gap:
            raise ValueError("split.gap is for rows in time order; groups are kept apart whole")
        if self.calibration.method == "cross_fitted" and self.detector != "vae":
            raise ValueError("calibration.method = 'cross_fitted' is for the detector 'vae'")
        if self.calibration.alarm_budget is not None and "target_fpr" in self.model_fields_set:
            raise ValueError("target_fpr and alarm_budget exclude each other: the budget decides the rate")
        if self.calibration.alarm_budget is not None and self.split.by == "random":
            raise ValueError("an alarm budget counts episodes in time, which split.by = 'random' does not keep")
        if self.data.missing == "allow" and self.detector != "vae":
            raise ValueError("data.missing = 'allow' is for the detector 'vae'")
        self._fits_its_modality()
        review = self.calibration.review_fpr
        if self.calibration.alarm_budget is None and review is not None and review <= self.target_fpr:
            raise ValueError(
                f"calibration.review_fpr ({review:g}) must be looser than target_fpr ({self.target_fpr:g})"
            )
        return self

    def _fits_its_modality(self) -> None:
        if (self.detector == "feature_vae") != (self.backbone.file is not None):
            raise ValueError(
                "detector 'feature_vae' and backbone.file belong together: whose features are reconstructed"
            )
        for name, section in (("window", self.window), ("image", self.image), ("backbone", self.backbone)):
            if section != type(section)() and self.modality != MODALITIES[name]:
                raise ValueError(f"the section {name} is for modality '{MODALITIES[name]}', found '{self.modality}'")
        if self.modality == "tabular":
            return
        if self.detector not in ("vae", "feature_vae"):
            raise ValueError(f"detector '{self.detector}' is for modality 'tabular', found '{self.modality}'")
        if self.data.missing == "allow":
            raise ValueError(f"data.missing = 'allow' is for modality 'tabular', found '{self.modality}'")
        if self.calibration.method == "cross_fitted" and self.modality == "image":
            raise ValueError("calibration.method = 'cross_fitted' is for rows and windows, found modality 'image'")

    def sha256(self) -> str:
        return hashlib.sha256(json.dumps(self.model_dump(mode="json"), sort_keys=True).encode()).hexdigest()

    def feature_spec(self, names: tuple[str, ...]) -> FeatureSpec:
        """Join the data's feature names with what was declared of them.

        Raises:
            InputError: something was declared of a feature that the data does not have.
        """
        unknown = sorted(set(self.features) - set(names))
        if unknown:
            raise InputError(
                f"the configuration declares features that the data does not have: {quoted_list(unknown)}; "
                f"the data has {quoted_list(names)}"
            )
        declared = {name: self.features.get(name, FeatureConfig()) for name in names}
        try:
            features = tuple(Feature(name=name, **of.model_dump()) for name, of in declared.items())
            most_absent = len(features) // 2 if self.data.missing == "allow" else 0
            return FeatureSpec(features=features, most_absent=most_absent)
        except ValidationError as error:
            raise InputError(f"feature {sentence(error.errors()[0], Feature)}") from error
