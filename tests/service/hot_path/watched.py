"""A dispatcher, and models that keep what was scored by them."""

import threading
import time
from collections.abc import Mapping
from dataclasses import replace
from time import perf_counter
from typing import Any

import numpy as np
from numpy.typing import NDArray
from prometheus_client import CollectorRegistry

from model.scorer import Scorer, Scores
from service.hot_path.dispatcher import Dispatcher
from service.limits import QueueBounds
from service.metrics import Metrics
from service.registry.models import ServedModel
from service.registry.slot import Loaded
from service.tally import Tally

LATER = 60.0


class Watched(Scorer):
    """A scorer that keeps which batches it was given, and can be made to fail or to take its time."""

    def __init__(self, model: ServedModel) -> None:
        self.__dict__.update(model.scorer.__dict__)
        self.batches: list[int] = []
        self.error: Exception | None = None
        self.seconds = self.rest = 0.0
        self.threads: set[str] = set()

    def score(self, x: NDArray[Any], unreadable: Mapping[int, str] | None = None) -> Scores:
        self.batches.append(len(x))
        self.threads.add(threading.current_thread().name)
        time.sleep(self.rest)
        until = perf_counter() + self.seconds
        while perf_counter() < until:
            pass
        if self.error is not None:
            raise self.error
        return super().score(x, unreadable or {})


def watched(model: ServedModel, name: str = "pump", seconds: float = 0.0) -> tuple[ServedModel, Watched]:
    scorer = Watched(model)
    scorer.seconds = seconds
    manifest = model.manifest.model_copy(update={"name": name})
    return replace(ServedModel.of(Loaded(scorer)), manifest=manifest, digest=name), scorer


def dispatcher(bounds: QueueBounds | None = None) -> Dispatcher:
    return Dispatcher(bounds or QueueBounds(), Tally(Metrics(CollectorRegistry())))


async def score(queue: Dispatcher, model: ServedModel, x: NDArray[np.float64], seconds: float = LATER) -> Scores:
    return await queue.score(model, x, {}, perf_counter() + seconds)
