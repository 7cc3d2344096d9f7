"""A candidate that scores what is scored anyway, in silence: it is compared, and nobody is answered by it."""

import logging
from collections.abc import Mapping
from queue import SimpleQueue
from threading import Lock, Thread
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from model.errors import BundleError
from model.inference import RUNTIME_ERRORS
from model.manifest import Manifest
from model.scorer import Scores
from service.errors import NotReadyError
from service.shadow.comparison import Comparison, Judged, compare
from service.shadow.metrics import ShadowCounts

if TYPE_CHECKING:  # which has a shadow itself
    from service.registry.models import ServedModel

# What may wait to be scored; beyond, samples are counted and left out. The first to wait is always taken.
WAITING_BYTES = 32 << 20
WAITING_BATCHES = 1024
ROWS = 512  # scored in one run
CLOSE_SECONDS = 5.0

log = logging.getLogger("plumbline.models")


class Offer(NamedTuple):
    """Samples as they were scored, and what they scored."""

    x: NDArray[Any]
    unreadable: Mapping[int, str]
    scores: Scores


class Shadow:
    """Has ``candidate`` score beside the version of manifest ``served``, in a thread of its own. Thread-safe."""

    def __init__(self, served: Manifest, candidate: "ServedModel", counts: ShadowCounts) -> None:
        self._served, self.candidate, self._counts = served, candidate, counts
        self._queue: SimpleQueue[Offer | None] = SimpleQueue()
        self._lock = Lock()
        self._waiting_bytes = 0
        self._is_open = True
        self._thread = Thread(target=self._run, name="plumbline-shadow", daemon=True)
        self._thread.start()

    def offer(self, x: NDArray[Any], unreadable: Mapping[int, str], scores: Scores) -> None:
        """Take note of samples [B, *shape] that were scored. Nothing is computed here, and ``x`` must not change any more."""
        with self._lock:
            full = self._queue.qsize() >= WAITING_BATCHES or self._waiting_bytes + x.nbytes > WAITING_BYTES
            if self._is_open and not (full and self._waiting_bytes):
                self._waiting_bytes += x.nbytes
                self._queue.put(Offer(x, unreadable, scores))
                return
        self._counts.dropped(len(x))

    def close(self) -> None:
        """Score no more."""
        with self._lock:
            self._is_open = False
        self._queue.put(None)
        self._thread.join(CLOSE_SECONDS)

    def _run(self) -> None:
        try:
            while self._is_open:
                offers = self._next()
                if offers:
                    self._compare(offers)
        except (*RUNTIME_ERRORS, BundleError):  # of a candidate that cannot score what it should
            self._is_open = False
            log.exception("a shadow cannot score, and scores no more")

    def _compare(self, offers: list[Offer]) -> None:
        try:
            self._counts.compared(self._compared(offers))
        except NotReadyError:  # it had made room, and cannot be loaded again at the moment, as the log says
            self._counts.dropped(sum(len(offer.x) for offer in offers))

    def _next(self) -> list[Offer]:
        """Wait for samples, and take those that wait behind them as far as they fit into one run."""
        offers: list[Offer] = []
        rows = 0
        while rows < ROWS and (not offers or not self._queue.empty()):
            offer = self._queue.get()
            if offer is None:
                break
            offers.append(offer)
            rows += len(offer.x)
        with self._lock:
            self._waiting_bytes -= sum(offer.x.nbytes for offer in offers)
        return offers

    def _compared(self, offers: list[Offer]) -> Comparison:
        unreadable: dict[int, str] = {}
        row = 0
        for offer in offers:
            unreadable |= {row + number: why for number, why in offer.unreadable.items()}
            row += len(offer.x)
        scores = self.candidate.score(np.concatenate([offer.x for offer in offers]), unreadable)
        return compare(
            Judged(
                np.concatenate([offer.scores.score for offer in offers]),
                np.concatenate([offer.scores.verdict for offer in offers]),
                self._served.threshold.value,
            ),
            Judged(scores.score, scores.verdict, self.candidate.manifest.threshold.value),
        )
