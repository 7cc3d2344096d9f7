"""Scoring arrays of samples for the routes that have them: one function, handed to each."""

import os
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from time import perf_counter
from typing import Any, TypeVar

import numpy as np
from anyio import CapacityLimiter, to_thread
from numpy.typing import NDArray

from model.scorer import VERDICTS, Scores
from service.metrics import Metrics
from service.registry.models import ServedModel

Result = TypeVar("Result")

# Samples [B, ...] of a model, and by row why one cannot be read.
Judge = Callable[[ServedModel, NDArray[Any], Mapping[int, str]], Awaitable[Scores]]

# What is done with so few bytes is done before a thread could be woken.
INLINE_BYTES = 64 << 10


def judging(metrics: Metrics) -> Judge:
    """Give the function that scores in threads and tells ``metrics``."""
    threads = CapacityLimiter(os.cpu_count() or 1)

    async def judge(model: ServedModel, x: NDArray[Any], unreadable: Mapping[int, str]) -> Scores:
        scores, seconds = await to_thread.run_sync(partial(_timed, model, x, unreadable), limiter=threads)
        metrics.observe_scores(model, scores, seconds)
        return scores

    return judge


async def aside(work: Callable[[], Result], size: int) -> Result:
    """Do ``work`` on ``size`` bytes where it keeps nobody waiting."""
    return work() if size <= INLINE_BYTES else await to_thread.run_sync(work)


def logged(model: ServedModel, scores: Scores) -> dict[str, object]:
    """Say what the log line of a request tells of its scores."""
    counts = np.bincount(scores.verdict, minlength=len(VERDICTS)).tolist()
    return {
        "model": model.name,
        "version": model.version,
        "samples": len(scores.verdict),
        "verdicts": {verdict.value: count for verdict, count in zip(VERDICTS, counts, strict=True) if count},
    }


def _timed(model: ServedModel, x: NDArray[Any], unreadable: Mapping[int, str]) -> tuple[Scores, float]:
    start = perf_counter()
    scores = model.scorer.score(x, unreadable)
    return scores, perf_counter() - start
