"""What a training run is told of windows and images, beside what it is told of any samples."""

from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from model.modality import MAX_SIDE, MAX_STEPS, Line
from training.alarm_budget import interval_seconds

Side = Annotated[int, Field(ge=8, le=MAX_SIDE)]


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class WindowConfig(_Section):
    """How a time series is cut into windows. What is not given is proposed from the data, and said."""

    length: int | None = Field(default=None, ge=2, le=MAX_STEPS, description="steps of a window")
    stride: int | None = Field(
        default=None, ge=1, le=MAX_STEPS, description="steps from one training window to the next"
    )
    sampling_interval: str | None = Field(
        default=None, description="time from one step to the next, such as '500ms'; default: found in the time column"
    )
    longest_step: float = Field(
        default=1.5, ge=1, description="longest time between two rows of a window, in sampling intervals"
    )
    latent_size: int | None = Field(default=None, ge=1, le=4096, description="size of a window's latent")

    @model_validator(mode="after")
    def _interval_can_be_read(self) -> Self:
        if self.sampling_interval is not None:
            interval_seconds(self.sampling_interval)
        return self


class ImageConfig(_Section):
    """How images are taken. The geometry is learned from the clean ones."""

    resize: tuple[Side, Side] | None = Field(
        default=None, description="height and width that every image is brought to; default: all must have one size"
    )
    latent_size: int = Field(default=32, ge=1, le=4096, description="size of an image's latent")


class BackboneConfig(_Section):
    """A network, trained elsewhere, whose features of an image are reconstructed instead of its pixels."""

    file: str | None = Field(default=None, description="ONNX file; without one, pixels are reconstructed")
    licence: Line = Field(default="not stated", description="the licence it comes under, such as an SPDX identifier")
    layers: tuple[Line, ...] = Field(
        default=(), max_length=16, description="tensors whose values are its features; default: proposed, and said"
    )
    colour: Literal["rgb", "bgr"] = Field(default="rgb", description="order of the channels that it takes")
    mean: tuple[float, ...] = Field(default=(0.0,), max_length=3, description="subtracted from pixels of 0 to 255")
    scale: tuple[Annotated[float, Field(gt=0)], ...] = Field(
        default=(1.0,), max_length=3, description="what pixels are divided by then"
    )
