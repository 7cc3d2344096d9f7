"""What a bundle keeps so that a sample can be explained in full: what clean readings look like, feature by feature."""

from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from model.features import MAX_FEATURES, ONE_LINE

SKETCH = "sketch.npy"
MAX_SKETCH_ROWS = 1000

Place = Annotated[str, Field(max_length=300, pattern=ONE_LINE)]


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, use_attribute_docstrings=True)


class CleanReading(_Section):
    """Clean readings of one feature, in its unit."""

    low: float
    """The least value to look for when this reading is imputed."""
    high: float
    """The largest; not below ``low``."""
    scale: float = Field(gt=0)
    """The standard deviation of clean readings, the unit of distances to clean samples."""
    half_width: float | None = Field(default=None, ge=0)
    """How far clean readings lie from what is imputed for them, at most, in a share ``coverage`` of cases; or null."""

    @model_validator(mode="after")
    def _range_is_ordered(self) -> Self:
        if self.low > self.high:
            raise ValueError(f"low ({self.low!r}) must not be above high ({self.high!r})")
        return self


class Explanation(_Section):
    """What explaining a sample in full stands on."""

    coverage: float = Field(gt=0, lt=1)
    """The share of clean readings that lie within ``half_width`` of what is imputed for them."""
    rows: int = Field(ge=0)
    """The number of held-out clean rows that each ``half_width`` stands on; 0 where there is none."""
    readings: tuple[CleanReading, ...] = Field(min_length=1, max_length=MAX_FEATURES)
    """One for each feature, in their order."""
    sketch_places: tuple[Place, ...] = Field(default=(), max_length=MAX_SKETCH_ROWS)
    """Where each row of ``sketch.npy`` comes from; empty where the bundle has no such file."""
