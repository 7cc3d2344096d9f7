"""The wire forms of what is said of streams; see ``service/answers.py``."""

from collections.abc import Sequence
from typing import (
    Annotated,
    NotRequired,  # pydantic reads these, not typing's, before Python 3.12
    cast,
)

from pydantic import Field
from typing_extensions import TypedDict

from model.alarm.state import AlarmState, StreamAlarm
from service.answers import Answered, SampleResult, on_demand
from service.registry.models import ServedModel
from service.scoring import results_of
from service.streams.judging import Judged, alarm_rule, window_length
from service.streams.store import Kept
from service.streams.times import iso


@on_demand
class AlarmAnswer(TypedDict):
    """Where the alarm of a stream stands, in the words of ANSI/ISA-18.2."""

    state: AlarmState
    since: Annotated[str | None, Field(description="When that began, by the service's clock; null if never otherwise.")]
    is_active: Annotated[bool, Field(description="Whether the alarm condition holds, shelved or not.")]
    shelved_until: str | None
    shelved_reason: str | None
    is_unjudged: Annotated[bool, Field(description="Whether the stream has been invalid for long: nobody is watching.")]


class RowResult(SampleResult):
    """What is said of one row: the verdict on the window that ends with it."""

    gap: NotRequired[Annotated[str, Field(description="Only where what came before does not join on to this row.")]]
    alarm: NotRequired[Annotated[AlarmState, Field(description="Only where this row changed the alarm's state.")]]


@on_demand
class RowsAnswer(Answered):
    stream: str
    threshold: Annotated[float, Field(description="A score above it is an anomaly.")]
    results: Annotated[list[RowResult], Field(description="One for each row, in the order sent.")]
    alarm: AlarmAnswer


@on_demand
class StreamAnswer(TypedDict):
    """A stream as it is kept."""

    stream: str
    model: str
    row_count: Annotated[int, Field(description="The rows that have come, invalid ones included.")]
    window: Annotated[int, Field(description="The rows at hand that follow each other, at most `window_length`.")]
    window_length: int
    last_time: Annotated[float | None, Field(description="Of the last row, in seconds; null where rows have no times.")]
    last_used: str
    alarm: AlarmAnswer


@on_demand
class StreamList(TypedDict):
    streams: Annotated[list[StreamAnswer], Field(description="The last used first.")]
    total: Annotated[int, Field(description="How many there are, listed or not.")]


def alarm_answer(alarm: StreamAlarm, model: ServedModel, now: float) -> AlarmAnswer:
    """Say where an alarm stands at ``now``."""
    alarm = alarm.at(now)
    return {
        "state": alarm.state,
        "since": iso(alarm.since),
        "is_active": alarm.condition.active,
        "shelved_until": iso(alarm.shelving.until) if alarm.shelving else None,
        "shelved_reason": alarm.shelving.reason if alarm.shelving else None,
        "is_unjudged": alarm.is_unjudged(alarm_rule(model), window_length(model)),
    }


def stream_answer(kept: Kept, model: ServedModel, now: float) -> StreamAnswer:
    """Say what is kept of a stream."""
    stream = kept.stream
    return {
        "stream": kept.name,
        "model": model.name,
        "row_count": stream.row_count,
        "window": len(stream.window.rows),
        "window_length": window_length(model),
        "last_time": stream.window.last_time,
        "last_used": iso(kept.touched) or "",
        "alarm": alarm_answer(stream.alarm, model, now),
    }


def rows_answer(
    judged: Judged, ids: Sequence[str | int | None], stream: str, model: ServedModel, request_id: str, now: float
) -> RowsAnswer:
    """Say what became of rows."""
    results = cast(list[RowResult], results_of(ids, judged.scores))
    for row, gap in judged.gaps.items():
        results[row]["gap"] = gap
    for change in judged.transitions:
        if change.row is not None:
            results[change.row]["alarm"] = change.after
    return {
        **model.answered(request_id),
        "stream": stream,
        "threshold": model.manifest.threshold.value,
        "results": results,
        "alarm": alarm_answer(judged.alarm, model, now),
    }
