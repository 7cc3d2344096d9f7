"""The wire forms of Azure's detection of the last point."""

from typing import (
    Annotated,
    NotRequired,  # pydantic reads these, not typing's, before Python 3.12
)

from pydantic import Field
from typing_extensions import TypedDict

from service.answers import on_demand
from service.protocols.error_forms import AzureErrorBody


class VariableState(TypedDict):
    """What of one variable the verdict rests on."""

    variable: str
    filledNARatio: Annotated[float, Field(ge=0, le=1, description="The share of values that are absent.")]
    effectiveCount: Annotated[int, Field(ge=0, description="How many values are there.")]
    firstTimestamp: NotRequired[Annotated[str, Field(description="Of the first value that is there.")]]
    lastTimestamp: NotRequired[Annotated[str, Field(description="Of the last.")]]


class CorrelationChanges(TypedDict):
    changedVariables: Annotated[list[str], Field(max_length=0, description="Always empty: no such thing is computed.")]


class Interpretation(TypedDict):
    variable: str
    contributionScore: Annotated[float, Field(ge=0, le=1, description="Its part of the score; all add up to 1.")]
    correlationChanges: CorrelationChanges


class AnomalyValue(TypedDict):
    isAnomaly: bool
    severity: Annotated[float, Field(ge=0, le=1, description="0 unless an anomaly; then how far beyond the threshold.")]
    score: Annotated[float, Field(ge=0, le=1, description="One half at the threshold.")]
    interpretation: Annotated[list[Interpretation], Field(description="Of an anomaly, the largest first.")]


class AnomalyState(TypedDict):
    """What is said of the last timestamp; without ``value`` where it could not be judged."""

    timestamp: str
    value: NotRequired[AnomalyValue]
    errors: Annotated[list[AzureErrorBody], Field(description="Why it could not be judged.")]


@on_demand
class LastDetection(TypedDict):
    variableStates: list[VariableState]
    results: Annotated[list[AnomalyState], Field(min_length=1, max_length=1)]
