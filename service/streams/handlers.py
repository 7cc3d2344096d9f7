"""What requests do with streams: rows to verdicts and the state of the alarm, and what an operator does with that."""

import asyncio
import logging
from collections.abc import Callable, Iterable
from functools import partial
from time import time
from typing import TypeVar
from weakref import WeakValueDictionary

import orjson
from fastapi import Request, Response

from model.alarm.state import StreamAlarm
from service.hot_path.deadline import deadline_of
from service.hot_path.jobs import Jobs
from service.limits import Limits
from service.metrics import Metrics
from service.registry.models import ServedModel
from service.request_body import JSON, read_json_bytes
from service.request_record import RequestRecord
from service.scoring import verdict_counts
from service.streams.answers import AlarmAnswer, StreamAnswer, StreamList, alarm_answer, rows_answer, stream_answer
from service.streams.counts import Dropped
from service.streams.judging import Judged, Transition, act_on, judge_rows, window_length
from service.streams.request import check_stream_name, parse_rows, parse_shelve
from service.streams.store import Kept, StreamKey, StreamStore

MOST_LISTED = 100  # each is read whole, with the rows of its window
SECONDS_PER_MINUTE = 60.0

log = logging.getLogger("plumbline.alarm")

Made = TypeVar("Made")
Action = Callable[[StreamAlarm, float], StreamAlarm]


class Handlers:
    """Where streams are kept, who waits for whom, and who is told: what all routes of streams share."""

    def __init__(self, store: StreamStore, limits: Limits, metrics: Metrics, jobs: Jobs) -> None:
        self._store, self._limits, self._metrics, self._jobs = store, limits, metrics, jobs
        # Requests for one stream wait here for their turn; between processes, the store sees to it.
        self._turns: WeakValueDictionary[StreamKey, asyncio.Lock] = WeakValueDictionary()

    async def judge(self, request: Request, stream: str, model: ServedModel) -> Response:
        """Take rows, and answer with a verdict on each."""
        key, deadline = _key(stream, model), self._admit(request)
        body = await read_json_bytes(request, self._limits)
        record: RequestRecord = request.state.record

        def work() -> tuple[Judged, Dropped, bytes]:
            rows, now = parse_rows(body, model.spec, self._limits), time()
            judged, dropped = self._store.change(key, now, partial(judge_rows, stream, rows, model, now))
            answer = rows_answer(judged, rows.ids, stream, model, record.request_id, now)
            return judged, dropped, orjson.dumps(answer)

        judged, dropped, answer = await self._in_turn(key, work, deadline)
        self._metrics.observe_scores(model, judged.scores, judged.seconds)
        self._metrics.observe_dropped_streams(dropped)
        record.fields |= {"model": model.name, "version": model.version, "stream": stream}
        record.fields |= {"samples": len(judged.scores.verdict), "verdicts": verdict_counts(judged.scores.verdict)}
        self._tell(key, record, judged.transitions)
        return Response(answer, media_type=JSON)

    async def act(self, request: Request, stream: str, model: ServedModel, action: Action) -> AlarmAnswer:
        """Do to the alarm of a stream what an operator asks for."""
        return await self._act(request, _key(stream, model), model, action, self._admit(request))

    async def _act(
        self, request: Request, key: StreamKey, model: ServedModel, action: Action, deadline: float
    ) -> AlarmAnswer:
        record: RequestRecord = request.state.record
        record.fields |= {"model": model.name, "stream": key.stream}

        def work() -> tuple[AlarmAnswer, list[Transition]]:
            now = time()
            transitions, alarm = self._store.change_known(key, now, partial(act_on, action, now))
            return alarm_answer(alarm, model, now), transitions

        answer, transitions = await self._in_turn(key, work, deadline)
        self._tell(key, record, transitions)
        return answer

    async def shelve(self, request: Request, stream: str, model: ServedModel) -> AlarmAnswer:
        """Shelve the alarm of a stream for as long as the body says."""
        key, deadline = _key(stream, model), self._admit(request)
        asked = parse_shelve(await read_json_bytes(request, self._limits))

        def action(alarm: StreamAlarm, now: float) -> StreamAlarm:
            return alarm.shelved(now + asked.minutes * SECONDS_PER_MINUTE, asked.reason, now)

        return await self._act(request, key, model, action, deadline)

    async def find(self, request: Request, stream: str, model: ServedModel) -> StreamAnswer:
        """Tell what is kept of a stream."""
        key, deadline, now = _key(stream, model), self._admit(request), time()
        kept = await self._jobs.do(partial(self._store.find, key, now), deadline)
        return stream_answer(kept, model, now)

    async def delete(self, request: Request, stream: str, model: ServedModel) -> Response:
        """Forget a stream."""
        key, deadline = _key(stream, model), self._admit(request)
        await self._in_turn(key, partial(self._store.delete, key, time()), deadline)
        return Response(status_code=204)

    async def list(self, request: Request, model: ServedModel) -> StreamList:
        """Tell what is kept of the last used streams."""
        window_length(model)  # refuses a model that has no streams
        deadline, now = self._admit(request), time()

        def work() -> tuple[Iterable[Kept], int]:
            counts = self._store.count(model.name, 1, now)
            return self._store.latest(model.name, MOST_LISTED, now), sum(counts.by_state.values())

        found, total = await self._jobs.do(work, deadline)
        return {"streams": [stream_answer(kept, model, now) for kept in found], "total": total}

    def _admit(self, request: Request) -> float:
        """Let a request in before its body is read, and return its deadline, a time of ``perf_counter``.

        Raises:
            OverloadedError: it would wait for too long, or not be answered before its deadline.
            RequestError: the deadline that it asks for cannot be read.
        """
        deadline = deadline_of(request.headers.raw, self._limits.request_seconds)
        self._jobs.admit(deadline)
        return deadline

    async def _in_turn(self, key: StreamKey, work: Callable[[], Made], deadline: float) -> Made:
        turn = self._turns.setdefault(key, asyncio.Lock())
        async with turn:
            return await self._jobs.do(work, deadline)

    def _tell(self, key: StreamKey, record: RequestRecord, transitions: Iterable[Transition]) -> None:
        for change in transitions:
            self._metrics.observe_alarm(key.model, change.after)
            fields = {
                "request_id": record.request_id,
                "model": key.model,
                "stream": key.stream,
                "from": change.before,
                "to": change.after,
            }
            log.info("alarm", extra={"fields": fields})


def _key(stream: str, model: ServedModel) -> StreamKey:
    window_length(model)
    check_stream_name(stream)
    return StreamKey(model.name, stream)
