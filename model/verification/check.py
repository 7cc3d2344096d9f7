"""One thing that was asked of a bundle, and the answer."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Outcome(StrEnum):
    """How a check ended. What is not applicable is asked of other detectors; what was not run came after a failure."""

    PASSED = "passed"
    FAILED = "failed"
    NOT_RUN = "not run"
    NOT_APPLICABLE = "not applicable"


@dataclass(frozen=True)
class Check:
    """``told`` is the finding in a sentence; ``figures`` are the numbers in it, by name, for machines."""

    name: str
    outcome: Outcome
    told: str
    figures: Mapping[str, float] = field(default_factory=dict)
