"""What a sample consists of: named features in a fixed order, with units and declared physical ranges."""

from collections import Counter
from functools import cached_property
from typing import Self

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, model_validator

MAX_FEATURES = 4096
# One line of text: names and units go into messages, logs and tables.
ONE_LINE = r"^[^\x00-\x1f\x7f-\x9f\u2028\u2029]*$"


class Feature(BaseModel):
    """One measured quantity. Outside ``[low, high]``, in ``unit``, a value is physically impossible."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, use_attribute_docstrings=True)

    name: str = Field(min_length=1, max_length=200, pattern=ONE_LINE)
    """The column's name: one line, no control characters."""
    unit: str = Field(default="", max_length=50, pattern=ONE_LINE)
    """The engineering unit, for people; empty where there is none."""
    low: float | None = None
    """The lowest value that is physically possible, or null."""
    high: float | None = None
    """The highest value that is physically possible, above ``low``, or null."""

    @model_validator(mode="after")
    def _range_is_ordered(self) -> Self:
        if self.low is not None and self.high is not None and self.low >= self.high:
            raise ValueError(
                f"feature '{self.name}': low ({_exact(self.low)}) must be below high ({_exact(self.high)})"
            )
        return self


class FeatureSpec(BaseModel):
    """The ordered features of a sample; the order is that of the graphs' columns."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    features: tuple[Feature, ...] = Field(min_length=1, max_length=MAX_FEATURES)
    most_absent: int = Field(default=0, ge=0, lt=MAX_FEATURES)
    """How many values of a sample may be absent; with more it cannot be judged."""

    @model_validator(mode="after")
    def _some_value_is_there(self) -> Self:
        if self.most_absent >= len(self.features):
            raise ValueError(f"most_absent must be below the number of features, {len(self.features)}")
        return self

    @model_validator(mode="after")
    def _names_are_unique(self) -> Self:
        repeated = sorted(name for name, count in Counter(self.names).items() if count > 1)
        if repeated:
            raise ValueError(f"feature names must be unique, found more than once: {', '.join(repeated[:5])}")
        return self

    def __len__(self) -> int:
        return len(self.features)

    @cached_property
    def names(self) -> tuple[str, ...]:
        return tuple(feature.name for feature in self.features)

    @cached_property
    def lows(self) -> NDArray[np.float64]:
        return np.array([-np.inf if f.low is None else f.low for f in self.features])

    @cached_property
    def highs(self) -> NDArray[np.float64]:
        return np.array([np.inf if f.high is None else f.high for f in self.features])

    @cached_property
    def has_ranges(self) -> bool:
        """Whether any feature has a declared range."""
        return any(feature.low is not None or feature.high is not None for feature in self.features)

    @cached_property
    def finite_range(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """The least and the greatest value of each feature that is in its range, and finite."""
        most = np.finfo(np.float64).max
        return np.maximum(self.lows, -most), np.minimum(self.highs, most)

    def describe_outside(self, index: int, value: float) -> str:
        """Say in words which declared range ``value`` of feature ``index`` misses."""
        feature = self.features[index]
        low = "-inf" if feature.low is None else _exact(feature.low)
        high = "inf" if feature.high is None else _exact(feature.high)
        unit = f" {feature.unit}" if feature.unit else ""
        return f"'{feature.name}' is {_exact(value)}{unit}, outside its declared range [{low}, {high}]"


def _exact(value: float) -> str:
    """Write ``value`` in short where that is all of it, otherwise with every digit."""
    short = f"{value:g}"
    return short if float(short) == value else repr(value)
