"""Rows of a stream, judged: windows to verdicts, and verdicts to the alarm. Nothing here knows about HTTP."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from itertools import pairwise
from time import perf_counter

import numpy as np
from numpy.typing import NDArray

from model.alarm.rule import AlarmRule
from model.alarm.state import AlarmState, StreamAlarm
from model.scorer import INVALID, Scores
from model.series.row_window import Arrived, RowWindow
from model.validity import invalid_samples
from service.errors import NoStreamsError, StructureError
from service.registry.models import ServedModel
from service.streams.request import RowsRequest
from service.streams.stream import Stream

BATCH_VALUES = 1 << 20  # of windows scored together; each row is in as many as a window is long


@dataclass(frozen=True)
class Transition:
    """An alarm that changed its state; ``row`` is that of the request which did it, None where the clock did."""

    before: AlarmState
    after: AlarmState
    row: int | None


@dataclass(frozen=True)
class Judged:
    """Verdicts on rows, by row what a gap was, the changes of the alarm's state, and the alarm as it is now."""

    scores: Scores
    gaps: Mapping[int, str]
    transitions: tuple[Transition, ...]
    alarm: StreamAlarm
    seconds: float


def alarm_rule(model: ServedModel) -> AlarmRule:
    """Give the bundle's rule; without one, each anomaly is an alarm."""
    if model.manifest.alarm is not None:
        return model.manifest.alarm.rule
    return AlarmRule(k=1, n=1, clear_threshold=model.manifest.threshold.value)


def window_length(model: ServedModel) -> int:
    """Give the rows of a window, one for a model of single rows.

    Raises:
        NoStreamsError: the model's samples are no rows.
    """
    if model.manifest.modality == "image":
        raise NoStreamsError(f"model '{model.name}' judges images, which no stream of rows makes up")
    return 1 if model.manifest.window is None else model.manifest.window.length


def judge_rows(
    name: str, request: RowsRequest, model: ServedModel, now: float, found: Stream | None
) -> tuple[Stream, Judged]:
    """Take rows into the stream ``found``, or into a new one of this ``name``; return it and what is said of them.

    Raises:
        StructureError: rows with times for a stream that has none, or without for one that has.
    """
    length, window = window_length(model), model.manifest.window
    is_timed = request.times is not None
    stream = found or Stream(model.digest, RowWindow(_no_rows(model)), is_timed)
    if stream.is_timed != is_timed:
        has, lacks = ("times", "none") if stream.is_timed else ("no times", "some")
        raise StructureError(f"the rows of stream '{name}' have {has}, found {lacks}; delete the stream to begin anew")
    gaps: dict[int, str] = {}
    if stream.digest != model.digest:
        stream = replace(stream, digest=model.digest, window=replace(stream.window, rows=_no_rows(model)))
        gaps[0] = f"version {model.version} of the model judges from here on: a new window begins"
    # Without a time column in training, nothing is known of how far apart rows are.
    longest = None if window is None or window.time is None else window.longest_step * window.sampling_interval
    arrived = stream.window.take(request.x, request.times, _invalid(request, model), length, longest)
    gaps |= arrived.gaps
    start = perf_counter()
    scores = _scores(arrived, len(request.x), length, model)
    seconds = perf_counter() - start
    alarm, transitions = _follow(stream.alarm, scores, gaps, model, now)
    after = Stream(model.digest, arrived.window, is_timed, stream.row_count + len(request.x), alarm)
    return after, Judged(scores, gaps, transitions, alarm, seconds)


def act_on(
    action: Callable[[StreamAlarm, float], StreamAlarm], now: float, stream: Stream
) -> tuple[Stream, tuple[list[Transition], StreamAlarm]]:
    """Do to a stream's alarm what an operator asks for, after what the clock has."""
    expired = stream.alarm.at(now)
    alarm = action(expired, now)
    steps = pairwise((stream.alarm.state, expired.state, alarm.state))
    return replace(stream, alarm=alarm), ([Transition(*step, None) for step in steps if step[0] != step[1]], alarm)


def _no_rows(model: ServedModel) -> NDArray[np.float64]:
    return np.empty((0, len(model.spec)))


def _invalid(request: RowsRequest, model: ServedModel) -> dict[int, str]:
    return {**invalid_samples(request.x, model.spec), **request.unreadable}


def _scores(arrived: Arrived, count: int, length: int, model: ServedModel) -> Scores:
    """Score the windows that are ready, a batch at a time, and lay the verdicts out by row."""
    score, p_value, severity = (np.full(count, np.nan) for _ in range(3))
    verdict = np.full(count, INVALID, dtype=np.int8)
    reasons = dict(arrived.reasons)
    ready = np.array(arrived.ready, dtype=np.intp)
    batch = max(1, BATCH_VALUES // (length * len(model.spec)))
    for begin in range(0, ready.size, batch):
        part = slice(begin, begin + batch)
        windows = arrived.windows(part, length)
        found = model.score(windows[:, 0] if model.manifest.window is None else windows)
        rows = ready[part]
        score[rows], p_value[rows], severity[rows], verdict[rows] = (
            found.score,
            found.p_value,
            found.severity,
            found.verdict,
        )
        reasons |= {int(rows[place]): reason for place, reason in found.reasons.items()}
    return Scores(score, p_value, severity, verdict, reasons)


def _follow(
    alarm: StreamAlarm, scores: Scores, gaps: Mapping[int, str], model: ServedModel, now: float
) -> tuple[StreamAlarm, tuple[Transition, ...]]:
    """Lead the alarm through the verdicts, row by row."""
    rule, threshold = alarm_rule(model), model.manifest.threshold.value
    transitions: list[Transition] = []
    for row, score in [(None, np.nan), *enumerate(scores.score.tolist())]:
        before = alarm
        if row is None:
            alarm = alarm.at(now)
        else:
            if row in gaps:
                alarm = alarm.after_gap()
            if np.isnan(score):
                alarm = alarm.after_invalid_row()
            else:
                alarm = alarm.after_row(score > threshold, score <= rule.clear_threshold, rule, now)
        if alarm.state != before.state:
            transitions.append(Transition(before.state, alarm.state, row))
    return alarm, tuple(transitions)
