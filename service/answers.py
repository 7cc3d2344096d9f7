"""The wire forms of the service's answers. They type the code that builds them and describe them in OpenAPI."""

from typing import (
    Annotated,
    Literal,
    NotRequired,  # pydantic reads these, not typing's, before Python 3.12
)

from pydantic import ConfigDict, Field, JsonValue, with_config
from typing_extensions import TypedDict

from model.purifier import Method
from model.threshold import Verdict
from service.images.drawings import HeatMap, HotRegion, PngImage, RemovedPixels

# The framework builds what could check an answer for each route that may give it, twice over, and next to none is ever used:
# a fifth of a second of every start, and as much of the first request.
on_demand = with_config(ConfigDict(defer_build=True))

SampleId = Annotated[str | int | None, Field(description="As given in `ids`; null where none were given.")]
Reason = Annotated[
    str, Field(description="Only where the sample is invalid: a code before the colon, then what was found.")
]

Values = list[float] | list[list[float]]  # of a row, or of each step of a window


class Contribution(TypedDict):
    """How much one feature adds to a sample's score."""

    feature: str
    share: Annotated[float, Field(ge=0, le=1, description="Part of all contributions; they add up to 1.")]
    observed: Annotated[
        float | None,
        Field(description="The value sent, in the feature's unit, of a window in its last step; null where absent."),
    ]
    expected: Annotated[float, Field(description="What the detector makes of the whole sample, in the same unit.")]


class ImputedReading(TypedDict):
    """What one sensor should have read, given all the others."""

    feature: str
    observed: Annotated[float, Field(description="The value sent, in the feature's unit.")]
    imputed: Annotated[float, Field(description="The value with which the sample scores least, all else as it is.")]
    interval: Annotated[
        list[float] | None,
        Field(min_length=2, max_length=2, description="Where the true reading lies, if the others are right, or null."),
    ]
    fall: Annotated[float, Field(ge=0, description="How much less the sample scores with the imputed value.")]


class Correction(TypedDict):
    """A reading that has to be put right for the alarm to go."""

    feature: str
    observed: float
    imputed: Annotated[float, Field(description="What it should have read, with the other corrections made.")]


class CleanSample(TypedDict):
    """A clean sample that the detector was made from."""

    place: Annotated[str, Field(description="File and row.")]
    distance: Annotated[float, Field(ge=0, description="Root mean square over features, in their clean spreads.")]
    sample: Annotated[list[float], Field(description="In feature order and the features' units.")]


class InFull(TypedDict):
    """One sample explained in full."""

    readings: Annotated[list[ImputedReading], Field(description="The most suspected features, largest fall first.")]
    interval_coverage: Annotated[float, Field(description="The share of clean readings that lie in their interval.")]
    put_right: Annotated[
        list[Correction], Field(description="Few readings that explain the alarm, the worst first; none without one.")
    ]
    score_put_right: Annotated[
        float, Field(description="The score with these put right; above the threshold if they do not suffice.")
    ]
    nearest: Annotated[
        list[CleanSample],
        Field(
            description="By the features that are not in `put_right`, nearest first; empty where the bundle has none."
        ),
    ]


class SampleResult(TypedDict):
    """What is said of one sample. Of an invalid one: the reason, and nulls for `is_anomaly`, `score` and the like."""

    id: SampleId
    verdict: Verdict
    is_anomaly: Annotated[bool | None, Field(description="Whether score > threshold; null for an invalid sample.")]
    score: Annotated[float | None, Field(description="Reconstruction error; higher is more anomalous. Never clamped.")]
    p_value: Annotated[float | None, Field(description="Share of clean samples expected to score at least this high.")]
    severity: Annotated[float | None, Field(ge=0, le=1, description="A reading aid: one half at the threshold.")]
    reason: NotRequired[Reason]
    contributions: NotRequired[
        Annotated[list[Contribution], Field(description="With `explain`, largest share first; not for invalid ones.")]
    ]
    steps: NotRequired[
        Annotated[
            list[float], Field(description="Beside `contributions` of a window: the share of each step, oldest first.")
        ]
    ]
    heat_map: NotRequired[Annotated[HeatMap, Field(description="With `?explain=heatmap`, of images that are valid.")]]
    regions: NotRequired[
        Annotated[
            list[HotRegion],
            Field(
                description="Beside `heat_map`: where it stands out, by the model's line; highest peak first, at most 50."
            ),
        ]
    ]
    in_full: NotRequired[Annotated[InFull, Field(description='With `"explain": "full"`; not for invalid ones.')]]


class Answered(TypedDict):
    """Which request was answered, and by what."""

    request_id: str
    model: str
    version: int
    digest: Annotated[str, Field(description="SHA-256 of the manifest of the bundle that answered.")]


@on_demand
class ScoreAnswer(Answered):
    threshold: Annotated[float, Field(description="A score above it is an anomaly.")]
    results: Annotated[list[SampleResult], Field(description="One for each sample, in the order sent.")]


class PurifiedSample(TypedDict):
    """A sample as the clean process would have shown it, and what had to be removed for it."""

    sample: Annotated[Values, Field(description="In feature order and the features' units; absent values filled in.")]
    removed: Annotated[
        list[float | None] | list[list[float]], Field(description="Observed minus purified; null where absent.")
    ]
    put_right: Annotated[list[str], Field(description="The features that alone were put right, worst first.")]
    method: Annotated[
        Method,
        Field(
            description="`put_right`: all else stayed as it was sent. `search`: what the most likely place in the latent "
            "space decodes to. `reconstruction`: the detector has neither."
        ),
    ]


class Reconstruction(TypedDict):
    """A sample as the detector rebuilds it; null where the sample is invalid."""

    id: SampleId
    reconstruction: Annotated[
        Values | None, Field(description="In feature order and the features' units; of a window for each step.")
    ]
    purified: NotRequired[Annotated[PurifiedSample, Field(description="With `purify`; not for invalid ones.")]]
    reason: NotRequired[Reason]


class ReconstructAnswer(Answered):
    features: Annotated[list[str], Field(description="The order of every reconstruction.")]
    results: list[Reconstruction]


class PurifiedImage(TypedDict):
    """An image as the clean process would have shown it, and observed minus that."""

    image: PngImage
    removed: RemovedPixels


class RebuiltImage(TypedDict):
    """An image as the detector rebuilds it, in its own geometry and bits; null where it is invalid."""

    id: SampleId
    reconstruction: PngImage | None
    purified: NotRequired[Annotated[PurifiedImage, Field(description="With `purify`; not for invalid ones.")]]
    reason: NotRequired[Reason]


class RebuiltImagesAnswer(Answered):
    results: list[RebuiltImage]


class Encoding(TypedDict):
    """A sample's place in the latent space; null where the sample is invalid."""

    id: SampleId
    mean: list[float] | None
    log_variance: list[float] | None
    reason: NotRequired[Reason]


@on_demand
class EncodeAnswer(Answered):
    results: list[Encoding]


class OutsideRange(TypedDict):
    """Generated samples that lie outside the features' declared ranges. None of them is clipped."""

    samples: Annotated[int, Field(description="How many samples lie outside in any feature.")]
    features: Annotated[dict[str, int], Field(description="How many do in each feature that has any.")]


@on_demand
class GenerateAnswer(Answered):
    features: Annotated[list[str], Field(description="The order of every sample.")]
    origin: Annotated[
        Literal["prior", "aggregated", "between"], Field(description="What samples were drawn from, or between.")
    ]
    seed: Annotated[int | None, Field(description="Draws the same samples again; null where none are drawn.")]
    samples: Annotated[
        list[list[JsonValue]] | list[PngImage],
        Field(description="In feature order and the features' units; of windows, arrays in arrays; of images, PNG."),
    ]
    latents: Annotated[
        list[list[float]], Field(description="The place in the latent space that each was decoded from.")
    ]
    outside_range: OutsideRange


class ErrorBody(TypedDict):
    code: Annotated[str, Field(description="Stable; what programs may rely on.")]
    message: Annotated[str, Field(description="One sentence for people.")]
    details: dict[str, JsonValue]


@on_demand
class ErrorAnswer(TypedDict):
    """The one form of every error."""

    error: ErrorBody


class LiveAnswer(TypedDict):
    status: Literal["alive"]


class ReadyAnswer(TypedDict):
    status: Literal["ready"]
    models: Annotated[dict[str, int], Field(description="The version served of each model.")]
