"""What Prometheus is told of shadows, and the same read back: added up over the worker processes."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from prometheus_client import CollectorRegistry, Counter, Histogram, Metric, Summary

from model.manifest import Manifest
from model.scorer import VERDICTS
from service.observing import observe_all
from service.shadow.comparison import Comparison

PAIR = ("model", "version", "candidate")
SAMPLES = "plumbline_shadow_samples"
DROPPED = "plumbline_shadow_dropped_samples"
QUOTIENT = "plumbline_shadow_quotient"
LOG_QUOTIENT = "plumbline_shadow_log_quotient"
_UP = (1.001, 1.002, 1.005, 1.01, 1.02, 1.05, 1.1, 1.25, 1.5, 2.0, 5.0, 10.0, 100.0)
_DOWN = (0.01, 0.1, 0.2, 0.5, 0.67, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995, 0.998, 0.999)
QUOTIENTS = (*_DOWN, 1.0, *_UP)


@dataclass(frozen=True)
class Figures:
    """What has been counted of one candidate beside one version.

    ``verdicts`` [served, candidate] counts samples; ``buckets`` counts those whose quotient lies between one bound of
    ``QUOTIENTS`` and the next, below the first and above the last, and ``log_quotient_sum`` is the sum of its logarithms.
    """

    verdicts: np.ndarray[tuple[int, int], np.dtype[np.int64]]
    dropped: int
    buckets: np.ndarray[tuple[int], np.dtype[np.int64]]
    log_quotient_sum: float


class ShadowCounts:
    """What is counted of one candidate beside one version."""

    def __init__(self, metrics: "ShadowMetrics", model: str, version: int, candidate: int) -> None:
        pair = (model, str(version), str(candidate))
        self._samples = {
            (served, shadowed): metrics.samples.labels(*pair, VERDICTS[served], VERDICTS[shadowed])
            for served in range(len(VERDICTS))
            for shadowed in range(len(VERDICTS))
        }
        self._dropped = metrics.dropped.labels(*pair)
        self._quotient, self._log_quotient = metrics.quotient.labels(*pair), metrics.log_quotient.labels(*pair)

    def compared(self, comparison: Comparison) -> None:
        """Count samples that both have scored."""
        for served, candidate in np.argwhere(comparison.verdicts).tolist():
            self._samples[served, candidate].inc(int(comparison.verdicts[served, candidate]))
        logs = comparison.log_quotients
        if len(logs):
            observe_all(self._quotient, np.exp(logs))
            self._log_quotient._count.inc(len(logs))
            self._log_quotient._sum.inc(float(logs.sum()))

    def dropped(self, samples: int) -> None:
        """Count samples that the candidate was not to score, for too many waited."""
        self._dropped.inc(samples)


class ShadowMetrics:
    """The metrics of shadows. Their labels are two versions of one model: the one that serves, and the candidate."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.samples = Counter(
            SAMPLES,
            "Samples that a shadow has scored, by what the version that serves and the candidate found.",
            (*PAIR, "verdict", "candidate_verdict"),
            registry=registry,
        )
        self.dropped = Counter(DROPPED, "Samples that a shadow had no time for.", PAIR, registry=registry)
        self.quotient = Histogram(
            QUOTIENT,
            "Score over threshold of the candidate, over that of the version that serves; above 1, it finds more anomalous.",
            PAIR,
            registry=registry,
            buckets=QUOTIENTS,
        )
        # A histogram tells no sum where values may be negative; a summary does.
        self.log_quotient = Summary(LOG_QUOTIENT, "Logarithm of the same.", PAIR, registry=registry)

    def counts(self, served: Manifest, candidate: Manifest) -> ShadowCounts:
        """Begin to count what ``candidate`` says beside ``served``."""
        return ShadowCounts(self, served.name, served.version, candidate.version)


def read_figures(collected: Iterable[Metric], model: str, version: int, candidate: int) -> Figures:
    """Read back what was counted of ``candidate`` beside ``version``, from whatever else was ``collected``."""
    pair = {"model": model, "version": str(version), "candidate": str(candidate)}
    found = [
        sample
        for metric in collected
        if metric.name in (SAMPLES, DROPPED, QUOTIENT, LOG_QUOTIENT)
        for sample in metric.samples
        if pair.items() <= sample.labels.items()
    ]
    verdicts = np.zeros((len(VERDICTS), len(VERDICTS)), dtype=np.int64)
    below = dict.fromkeys([*QUOTIENTS, float("inf")], 0)
    dropped, total = 0, 0.0
    for sample in found:
        if sample.name == f"{SAMPLES}_total":
            verdict, other = (VERDICTS.index(sample.labels[name]) for name in ("verdict", "candidate_verdict"))
            verdicts[verdict, other] = sample.value
        elif sample.name == f"{DROPPED}_total":
            dropped = int(sample.value)
        elif sample.name == f"{LOG_QUOTIENT}_sum":
            total = sample.value
        elif sample.name == f"{QUOTIENT}_bucket":
            below[float(sample.labels["le"])] = int(sample.value)
    return Figures(verdicts, dropped, np.diff([*below.values()], prepend=0), total)
