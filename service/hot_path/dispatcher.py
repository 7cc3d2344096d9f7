"""Who is scored when: requests that wait are scored together, model by model in turn, without a delay of our making.

A request joins its model's line, and a call is put on the event loop; when that runs, it takes what has arrived by then.
A lone request waits for nothing. A run that is quick is made right there, for waking a thread would cost more than it; a
longer one goes to a thread, where it lets go of the interpreter, and the loop reads on meanwhile.
"""

import asyncio
import logging
import os
from collections import defaultdict, deque
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from math import inf
from time import perf_counter
from typing import Any

from numpy.typing import NDArray

from model.scorer import Scores
from service.errors import DeadlineError, OverloadedError, RequestError
from service.hot_path.line import Batch, Line, Samples, Waiting, score_together
from service.hot_path.pace import Pace
from service.limits import QueueBounds
from service.registry.models import ServedModel
from service.tally import Tally

# What waking a thread and coming back costs, and then some: a run this long does no harm to whoever else waits.
INLINE_SECONDS = 0.002

log = logging.getLogger("plumbline.server")


class Dispatcher:
    """Scores the samples of requests, many requests at once. Lives on one event loop."""

    def __init__(self, bounds: QueueBounds, tally: Tally) -> None:
        self.bounds, self._tally = bounds, tally
        self._lines: dict[str, Line] = {}  # by the model's digest
        self._turns: deque[Line] = deque()  # the same, in the order of their turns
        self._paces: defaultdict[str, Pace] = defaultdict(Pace)
        self._threads = os.cpu_count() or 1
        self._executor = ThreadPoolExecutor(self._threads, "score")
        self._busy = 0
        self._called = False
        self._requests = self._value_bytes = 0

    def admit(self, model: ServedModel, deadline: float = inf) -> None:
        """Let a request to ``model`` in, or not, before its body is read.

        Raises:
            OverloadedError: as much waits already as may, or it would wait for too long, or not be scored before ``deadline``.
        """
        bounds = self.bounds
        if self._requests >= bounds.requests or self._value_bytes >= bounds.value_bytes:
            raise OverloadedError(f"{self._requests:,} requests are waiting; try again")
        line = self._lines.get(model.digest)
        if line is not None:
            line.check_wait(bounds.seconds, deadline)

    def put(self, model: ServedModel, waiting: Waiting) -> None:
        """Let a request wait for ``model``; its requester is told what became of it."""
        line = self._lines.get(model.digest)
        if line is None:
            line = self._lines[model.digest] = Line(model)
            self._turns.append(line)
        line.join(waiting)
        self._requests += 1
        self._value_bytes += len(waiting.samples.held)
        self._call()

    async def score(
        self, model: ServedModel, x: NDArray[Any], unreadable: Mapping[int, str], deadline: float
    ) -> Scores:
        """Score samples ``x`` [B, *shape] of numbers, B at least 1; ``deadline`` is a time of ``perf_counter``.

        Raises:
            DeadlineError: it was not their turn in time.
        """
        future: asyncio.Future[Scores] = asyncio.get_running_loop().create_future()
        self.put(model, Waiting(_Awaiting(future), Samples.of(x, unreadable), deadline))
        return await future

    def close(self) -> None:
        self._executor.shutdown(wait=False)

    def _call(self) -> None:
        if not self._called:
            self._called = True
            asyncio.get_running_loop().call_soon(self._turn)

    def _turn(self) -> None:
        """Give the model whose turn it is a run, and come back for the next.

        One run and no more: the loop accepts one connection each time round.
        """
        self._called = False
        for line in self._turns:
            # A model that is unloaded is loaded first.
            is_quick = self._paces[line.model.digest].expect(line.next_rows) <= INLINE_SECONDS
            inline = is_quick and line.model.is_loaded
            if inline or self._busy < self._threads:
                break
        else:
            return  # the first thread to be free calls again
        self._turns.remove(line)
        self._tally.left_waiting(line.model.name, len(line))
        batch: list[Waiting] = []
        while line and not batch:  # what is dropped is no turn
            batch = self._on_time(line.next_batch())
        if line:
            self._turns.append(line)
        else:
            del self._lines[line.model.digest]
        if self._turns:
            self._call()
        if batch and inline:
            self._run(line.model, batch)
        elif batch:
            self._busy += 1
            running = self._executor.submit(score_together, line.model, [waiting.samples for waiting in batch])
            asyncio.wrap_future(running).add_done_callback(partial(self._ran, batch))

    def _on_time(self, batch: list[Waiting]) -> list[Waiting]:
        """Drop what is too late, or no longer waited for, before it costs anything."""
        now = perf_counter()
        on_time = []
        for waiting in batch:
            self._requests -= 1
            self._value_bytes -= len(waiting.samples.held)
            if waiting.requester.has_left():
                continue
            if now > waiting.deadline:
                waiting.requester.fail(DeadlineError("the time that the request allows for had passed before its turn"))
            else:
                on_time.append(waiting)
        return on_time

    def _run(self, model: ServedModel, batch: list[Waiting]) -> None:
        try:
            scored = score_together(model, [waiting.samples for waiting in batch])
        except RequestError as error:  # as where an unloaded model cannot be had again
            self._fail(batch, error)
        except Exception as error:  # whatever it was, requests are waiting to be told
            log.exception("internal error")
            self._fail(batch, error)
        else:
            self._hand_out(batch, scored)

    def _ran(self, batch: list[Waiting], running: asyncio.Future[Batch]) -> None:
        self._busy -= 1
        self._call()
        error = running.exception()
        if error is None:
            self._hand_out(batch, running.result())
        else:
            if not isinstance(error, RequestError):
                log.error("internal error", exc_info=error)
            self._fail(batch, error)

    def _hand_out(self, batch: list[Waiting], scored: Batch) -> None:
        model = scored.model
        rows = len(scored.scores.score)
        self._paces[model.digest].learn(rows, scored.work_seconds)
        start = 0
        for waiting in batch:
            try:
                waiting.requester.take(scored, start, start + waiting.samples.rows)
            except Exception as error:  # of one requester, which the others need not suffer for
                log.exception("internal error")
                waiting.requester.fail(error)
            start += waiting.samples.rows
        self._tally.scored(model, scored.scores, scored.seconds)

    def _fail(self, batch: list[Waiting], error: BaseException) -> None:
        for waiting in batch:
            waiting.requester.fail(error)


class _Awaiting:
    """A requester that awaits its scores."""

    def __init__(self, future: asyncio.Future[Scores]) -> None:
        self._future = future

    def take(self, batch: Batch, start: int, stop: int) -> None:
        if not self._future.done():
            self._future.set_result(batch.part(start, stop))

    def fail(self, error: BaseException) -> None:
        if not self._future.done():
            self._future.set_exception(error)

    def has_left(self) -> bool:
        return self._future.cancelled()
