"""Verdicts as Lookout for Equipment wrote them: one JSON object a line.

No line holds null, true or false: the service's own library for Python read lines as Python, which has no such words.
"""

from collections.abc import Sequence
from typing import (
    Annotated,
    Literal,
    NotRequired,  # pydantic reads these, not typing's, before Python 3.12
)

import orjson
from pydantic import Field
from typing_extensions import TypedDict

from model.scorer import ANOMALY, Scores
from service.contributions import Parts
from service.protocols.lookout.request import timestamp
from service.protocols.series import Series, SeriesSamples

JSON_LINES = "application/x-ndjson"


class Diagnostic(TypedDict):
    """How much of a score is one sensor's."""

    name: Annotated[str, Field(description="The component, a backslash, the sensor.")]
    value: Annotated[float, Field(ge=0, le=1, description="Its part of the score; all of a line add up to 1.")]


class ResultLine(TypedDict):
    """What is said of one row; of one that could not be judged neither a prediction nor a score."""

    timestamp: NotRequired[Annotated[str, Field(description="In UTC; absent where the row's could not be read.")]]
    prediction: NotRequired[Annotated[Literal[0, 1], Field(description="1: an anomaly.")]]
    prediction_reason: Literal["NO_ANOMALY_DETECTED", "ANOMALY_DETECTED", "INVALID"]
    anomaly_score: NotRequired[Annotated[float, Field(ge=0, le=1, description="One half at the threshold.")]]
    diagnostics: NotRequired[list[Diagnostic]]
    reason: NotRequired[Annotated[str, Field(description="Of an invalid row: a code, then what was found.")]]


def result_lines(
    series: Series,
    samples: SeriesSamples,
    scores: Scores,
    explained: Sequence[Parts],
    names: Sequence[str],
    component: str,
) -> bytes:
    """Write a line for each row of ``series``, in order.

    ``scores`` are those of ``samples``, ``explained`` those of them that are valid; ``names`` are the sensors.
    """
    full = {name: name if "\\" in name else f"{component}\\{name}" for name in names}
    lines: dict[int, ResultLine] = {row: _invalid(why) for row, why in samples.reasons.items()}
    parts = iter(explained)
    for place, row in enumerate(samples.rows.tolist()):
        if place in scores.reasons:
            lines[row] = _invalid(scores.reasons[place])
            continue
        shares = {part["feature"]: part["share"] for part in next(parts).features}
        is_anomaly = bool(scores.verdict[place] == ANOMALY)
        lines[row] = {
            "prediction": 1 if is_anomaly else 0,
            "prediction_reason": "ANOMALY_DETECTED" if is_anomaly else "NO_ANOMALY_DETECTED",
            "anomaly_score": float(scores.severity[place]),
            "diagnostics": [{"name": full[name], "value": shares[name]} for name in names],
        }
    stamps = (timestamp(seconds) for seconds in series.times.tolist())
    timed = (({"timestamp": stamp} if stamp else {}) | lines[row] for row, stamp in enumerate(stamps))
    return b"".join(orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE) for line in timed)


def _invalid(why: str) -> ResultLine:
    return {"prediction_reason": "INVALID", "reason": why}
