"""What a sample is beside its features: a window's length in time, an image's geometry, a backbone that sees for us."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from model.features import ONE_LINE

Modality = Literal["tabular", "window", "image"]
MAX_STEPS = 4096
MAX_SIDE = 8192

Line = Annotated[str, Field(min_length=1, max_length=300, pattern=ONE_LINE)]


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, use_attribute_docstrings=True)


class Window(_Section):
    """A window of a time series; the features are its channels."""

    length: int = Field(ge=1, le=MAX_STEPS)
    """T, the steps of a window, oldest first."""
    stride: int = Field(ge=1, le=MAX_STEPS)
    """Steps from one training window to the next; scoring judges every step by the window that ends with it."""
    sampling_interval: float = Field(gt=0)
    """Seconds from one step to the next; where the data have no time column, one."""
    longest_step: float = Field(default=1.5, ge=1)
    """The longest time between two rows of a window, in sampling intervals; a longer one is a gap."""
    time: Line | None = None
    """The column that orders rows in time, or null where their order in the file does."""
    group: Line | None = None
    """The column that names each row's asset or run, which no window spans two of, or null."""


class Image(_Section):
    """An image's geometry; the features are its colour channels."""

    height: int = Field(ge=1, le=MAX_SIDE)
    """H, rows of pixels."""
    width: int = Field(ge=1, le=MAX_SIDE)
    """W, columns of pixels."""
    bits: Literal[8, 16]
    """Bits of a pixel's value."""
    resized: bool = False
    """Whether images of other sizes are brought to this one, as was declared at training; otherwise they are invalid."""
    heat_threshold: float | None = Field(default=None, ge=0)
    """The line above which a pixel of the heat map stands out, or null."""


class Backbone(_Section):
    """The network, trained elsewhere, whose features the detector reconstructs; it is part of ``scorer.onnx``."""

    file: Line
    """The name of the file it was read from."""
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    """SHA-256 of that file, as 64 lower-case hexadecimal digits."""
    licence: Line
    """The licence it comes under, as the engineer who named it stated."""
    layers: tuple[Line, ...] = Field(min_length=1, max_length=16)
    """The tensors whose values are its features."""
