"""What the service answers about samples, as values."""

from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """What a sample is taken for. One that cannot be judged is ``INVALID``, never normal."""

    NORMAL = "normal"
    REVIEW = "review"
    ANOMALY = "anomaly"
    INVALID = "invalid"


@dataclass(frozen=True, slots=True)
class Contribution:
    """How much one feature adds to a sample's score; ``observed`` is None where the value is absent."""

    feature: str
    share: float
    observed: float | None
    expected: float


@dataclass(frozen=True, slots=True)
class ImputedReading:
    """What one sensor should have read, given all the others, and how far the score falls with that value."""

    feature: str
    observed: float
    imputed: float
    interval: tuple[float, float] | None
    fall: float


@dataclass(frozen=True, slots=True)
class Correction:
    """A reading that has to be put right for the alarm to go."""

    feature: str
    observed: float
    imputed: float


@dataclass(frozen=True, slots=True)
class CleanSample:
    """A clean sample that the detector was made from: file and row, and how far it is."""

    place: str
    distance: float
    sample: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class InFull:
    """One sample explained in full."""

    readings: tuple[ImputedReading, ...]
    interval_coverage: float
    put_right: tuple[Correction, ...]
    score_put_right: float
    nearest: tuple[CleanSample, ...]


@dataclass(frozen=True, slots=True)
class HeatMap:
    """How much each pixel adds to an image's score: a PNG, or with ``format="array"`` little-endian float32, row by row."""

    format: str
    shape: tuple[int, int]
    data: bytes


@dataclass(frozen=True, slots=True)
class HotRegion:
    """Where a heat map stands out: ``box`` is x, y, width and height in pixels from the top left corner."""

    box: tuple[int, int, int, int]
    area: int
    peak: float


@dataclass(frozen=True, slots=True)
class SampleResult:
    """What is said of one sample; of an invalid one the ``reason``, and None for what it has no value of.

    What was not asked for with ``explain`` is empty or None.
    """

    id: str | int | None
    verdict: Verdict
    is_anomaly: bool | None
    score: float | None
    p_value: float | None
    severity: float | None
    reason: str | None = None
    contributions: tuple[Contribution, ...] = ()
    steps: tuple[float, ...] = ()
    heat_map: HeatMap | None = None
    regions: tuple[HotRegion, ...] = ()
    in_full: InFull | None = None


@dataclass(frozen=True, slots=True)
class ScoreAnswer:
    """The results of one request, in the order of its samples, and what they were judged by.

    ``digest`` identifies the bundle: kept beside a score, it says years later exactly what gave it.
    """

    request_id: str
    model: str
    version: int
    digest: str
    threshold: float
    results: tuple[SampleResult, ...]
