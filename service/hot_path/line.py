"""The requests that wait for one model, first come, first served."""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from time import perf_counter, thread_time
from types import MappingProxyType
from typing import Any, NamedTuple, Protocol, Self

import numpy as np
from numpy.typing import NDArray

from model.scorer import Scores
from service.hot_path.results import Results
from service.hot_path.wait import Place, check_wait
from service.registry.models import ServedModel

# Rows that are scored in one run: enough to amortise the call, few enough that the next in line need not wait long.
ROWS = 512

ALL_READABLE: Mapping[int, str] = MappingProxyType({})

_FLOAT64 = np.dtype(np.float64)


class Samples(NamedTuple):
    """``rows`` samples, one after the other, as the client sent them; ``unreadable`` says by row why one cannot be read.

    What is not float64 is made so when it is scored: until then it takes less room.
    """

    held: bytes | memoryview
    rows: int
    unreadable: Mapping[int, str] = ALL_READABLE
    dtype: np.dtype[Any] = _FLOAT64

    @classmethod
    def of(cls, x: NDArray[Any], unreadable: Mapping[int, str] = ALL_READABLE) -> Self:
        """Hold samples ``x`` [B, *shape], B at least 1."""
        held = np.ascontiguousarray(x, None if x.dtype == np.float32 else _FLOAT64)
        return cls(held.reshape(-1).view(np.uint8).data, len(x), unreadable, held.dtype)


class Batch:
    """The samples of several requests, scored together by ``model`` in ``seconds``, of which it worked for ``work_seconds``."""

    def __init__(self, model: ServedModel, scores: Scores, seconds: float, work_seconds: float) -> None:
        self.model, self.scores, self.seconds, self.work_seconds = model, scores, seconds, work_seconds
        self._results: Results | None = None

    @property
    def results(self) -> Results:
        if self._results is None:  # functools' own takes a lock
            self._results = Results(self.scores)
        return self._results

    def part(self, start: int, stop: int) -> Scores:
        """Give the scores of rows ``start`` to ``stop``."""
        every, rows = self.scores, slice(start, stop)
        if stop - start == len(every.score):
            return every
        reasons = {row - start: why for row, why in every.reasons.items() if start <= row < stop}
        return Scores(every.score[rows], every.p_value[rows], every.severity[rows], every.verdict[rows], reasons)


class Requester(Protocol):
    """Who waits for samples to be scored."""

    def take(self, batch: Batch, start: int, stop: int) -> None:
        """Take rows ``start`` to ``stop`` of ``batch``: the samples asked for."""

    def fail(self, error: BaseException) -> None:
        """Learn why there are no scores."""

    def has_left(self) -> bool:
        """Say whether nobody waits any longer."""


@dataclass(slots=True)
class Waiting:
    """One request's samples; ``deadline`` is a time of ``perf_counter``."""

    requester: Requester
    samples: Samples
    deadline: float


class Line:
    """The requests that wait for ``model``."""

    def __init__(self, model: ServedModel) -> None:
        self.model = model
        self._waiting: deque[Waiting] = deque()
        self._places: deque[Place] = deque()  # of the same
        self._rows = self._left = 0  # those that wait, and those that left

    def __len__(self) -> int:
        return len(self._waiting)

    def join(self, waiting: Waiting) -> None:
        self._waiting.append(waiting)
        self._places.append(Place(perf_counter(), self._left))
        self._rows += waiting.samples.rows

    def check_wait(self, patience: float, deadline: float) -> None:
        """Let in who comes, see ``check_wait``; somebody waits."""
        check_wait(self._places[0], self._left, self._rows, patience, deadline)

    @property
    def next_rows(self) -> int:
        """Say about how many rows the next run will have."""
        return max(self._waiting[0].samples.rows, min(self._rows, ROWS))

    def next_batch(self) -> list[Waiting]:
        """Take the first from the line, and those after it as long as their rows fit into one run."""
        taken = [self._waiting.popleft()]
        self._places.popleft()
        rows = taken[0].samples.rows
        while self._waiting and rows + self._waiting[0].samples.rows <= ROWS:
            taken.append(self._waiting.popleft())
            self._places.popleft()
            rows += taken[-1].samples.rows
        self._rows -= rows
        self._left += rows
        return taken


def score_together(model: ServedModel, every: list[Samples]) -> Batch:
    """Score the samples of several requests in one run."""
    start, work_start = perf_counter(), thread_time()
    unreadable: dict[int, str] = {}
    row = 0
    for samples in every:
        if samples.unreadable:
            unreadable |= {row + number: why for number, why in samples.unreadable.items()}
        row += samples.rows
    scores = model.score(_together(every).reshape(row, *model.form.shape), unreadable)
    seconds = perf_counter() - start
    # What a thread takes by the clock says how busy the machine is. On a GPU, it is what the loop would have to wait.
    return Batch(model, scores, seconds, thread_time() - work_start if model.provider == "cpu" else seconds)


def _together(every: list[Samples]) -> NDArray[np.float64]:
    if {samples.dtype for samples in every} == {_FLOAT64}:
        x = np.frombuffer(every[0].held if len(every) == 1 else b"".join([samples.held for samples in every]))
        return x if x.flags.aligned else x.copy()  # in a body, they lie where they happen to
    with np.errstate(invalid="ignore"):  # a signalling NaN is as absent as any other
        return np.concatenate([np.frombuffer(samples.held, samples.dtype) for samples in every], dtype=np.float64)
