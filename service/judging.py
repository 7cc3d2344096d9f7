"""Scoring arrays of samples for routes that read them from a form of their own, in turn with all other requests."""

from collections.abc import Callable, Collection, Iterable, Mapping
from functools import partial
from time import perf_counter
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from model.scorer import Scores
from model.threshold import Verdict
from service.contributions import Parts, contributions
from service.hot_path.deadline import deadline_of
from service.hot_path.dispatcher import Dispatcher
from service.hot_path.jobs import Jobs
from service.limits import Limits
from service.metrics import Metrics
from service.protocols.series import NO_SCORES
from service.registry.models import ServedModel
from service.sample_request import INLINE_BYTES
from service.scoring import verdict_counts

Made = TypeVar("Made")


class Judge:
    """Lets requests in, does what takes long in threads, and has samples scored. Deadlines are as ``deadline_of`` has them."""

    def __init__(self, dispatcher: Dispatcher, jobs: Jobs, limits: Limits, metrics: Metrics) -> None:
        self._dispatcher, self._jobs, self._limits, self._metrics = dispatcher, jobs, limits, metrics

    def admit(self, model: ServedModel, headers: Iterable[tuple[bytes, bytes]]) -> float:
        """Let a request to ``model`` in before its body is read, and return its deadline.

        Raises:
            OverloadedError: it would wait for too long, or not be scored before its deadline.
            UnreadableHeaderError: its headers say nothing sensible of a deadline.
        """
        deadline = deadline_of(headers, self._limits.request_seconds)
        self._dispatcher.admit(model, deadline)
        return deadline

    async def do(self, work: Callable[[], Made], size: int, deadline: float) -> Made:
        """Do ``work`` on ``size`` bytes: at once where they are few, otherwise in a thread."""
        return work() if size <= INLINE_BYTES else await self._jobs.do(work, deadline)

    async def score(
        self, model: ServedModel, x: NDArray[Any], unreadable: Mapping[int, str], deadline: float
    ) -> Scores:
        """Score samples ``x`` [B, ...], ``unreadable`` says by row why one is invalid.

        Raises:
            DeadlineError: it was not their turn in time.
        """
        if not len(x):
            return NO_SCORES
        if model.manifest.image is None:
            return await self._dispatcher.score(model, x, unreadable, deadline)

        def score_images() -> tuple[Scores, float]:
            start = perf_counter()
            return model.score(x, unreadable), perf_counter() - start

        scores, seconds = await self._jobs.do(score_images, deadline)
        self._metrics.observe_scores(model, scores, seconds)
        return scores

    async def explain(self, model: ServedModel, x: NDArray[np.float64], deadline: float) -> list[Parts]:
        """Take the scores of valid samples ``x`` [B, F] or [B, T, F] apart."""
        return await self._jobs.do(partial(contributions, x, model), deadline)

    def count_invalid(self, model: ServedModel, reasons: Collection[str]) -> None:
        """Count samples that never came to be scored."""
        self._metrics.observe_invalid(model, reasons)


def logged(model: ServedModel, scores: Scores, unjudged: int = 0) -> dict[str, object]:
    """Say what the log line of a request tells of its scores, and of samples that never came to be scored."""
    verdicts = verdict_counts(scores.verdict)
    if unjudged:
        invalid = Verdict.INVALID.value  # a plain string: the log's JSON takes no other for a name
        verdicts[invalid] = verdicts.get(invalid, 0) + unjudged
    return {
        "model": model.name,
        "version": model.version,
        "samples": len(scores.verdict) + unjudged,
        "verdicts": verdicts,
    }
