"""What Prometheus is told. Labels hold names, versions and codes; never an id and never free text."""

from collections import Counter as Counts
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

from model.alarm.state import AlarmState
from model.scorer import INVALID, VERDICTS, Scores
from service.observing import observe_all
from service.registry.models import Models, ServedModel
from service.registry.served_collector import ServedCollector
from service.shadow.metrics import ShadowMetrics
from service.streams.counts import Dropped, StreamCounts

SECONDS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
BATCHES = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096, 8192, 16384)
RATIOS = (0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.25, 1.5, 2.0, 5.0, 10.0, 100.0, 1000.0)
# A sum that has once become infinite never comes back.
LARGEST_RATIO = 1e9
REFUSALS = ("no_key", "unknown_key", "several_keys", "expired_key", "forbidden", "rate_limited", "too_many_connections")


class Metrics:
    """The service's metrics. ``shared`` is the directory in which several worker processes add theirs up."""

    def __init__(self, registry: CollectorRegistry, shared: Path | None = None) -> None:
        self._registry, self._shared = registry, shared

        def gauge(name: str, help_text: str, labels: Iterable[str]) -> Gauge:
            return Gauge(name, help_text, labels, registry=registry, multiprocess_mode="mostrecent")

        def histogram(name: str, help_text: str, labels: Iterable[str], buckets: Iterable[float]) -> Histogram:
            return Histogram(name, help_text, labels, registry=registry, buckets=tuple(buckets))

        self._samples = Counter(
            "plumbline_samples_total", "Samples scored.", ("model", "version", "verdict"), registry=registry
        )
        self._rejected = Counter(
            "plumbline_rejected_samples_total", "Samples found invalid.", ("model", "reason"), registry=registry
        )
        self._ratio = histogram(
            "plumbline_score_ratio", "Score over threshold; above 1 is an anomaly.", ("model", "version"), RATIOS
        )
        self._queue = Gauge(
            "plumbline_queue_depth",
            "Requests that were left in line when the last batch was taken.",
            ("model",),
            registry=registry,
            multiprocess_mode="livesum",
        )
        self._inference = histogram(
            "plumbline_inference_duration_seconds", "Time to score one batch.", ("model",), SECONDS
        )
        self._batch = histogram("plumbline_inference_batch_size", "Samples scored together.", ("model",), BATCHES)
        self._request = histogram(
            "plumbline_request_duration_seconds", "Time to answer a request.", ("route", "status"), SECONDS
        )
        self._loads = Counter(
            "plumbline_model_loads_total",
            "Versions read, by what became of them.",
            ("model", "outcome"),
            registry=registry,
        )
        self._unloads = Counter(
            "plumbline_model_unloads_total", "Versions that made room for others.", ("model",), registry=registry
        )
        self._served: ServedCollector | None = None
        self._streams = gauge("plumbline_streams", "Streams at hand, by the state of their alarm.", ("model", "state"))
        self._active = gauge("plumbline_alarms_active", "Alarms that stand and are not shelved.", ("model",))
        self._unjudged = gauge(
            "plumbline_streams_unjudged", "Streams of which nothing could be judged for long.", ("model",)
        )
        self._transitions = Counter(
            "plumbline_alarm_transitions_total", "Alarms that entered a state.", ("model", "to"), registry=registry
        )
        self._dropped = Counter(
            "plumbline_streams_dropped_total", "Streams forgotten to make room.", ("cause",), registry=registry
        )
        for cause in ("limit", "age"):
            self._dropped.labels(cause)
        self._refused = Counter(
            "plumbline_requests_refused_total", "Requests that were not let in.", ("reason",), registry=registry
        )
        for reason in REFUSALS:
            self._refused.labels(reason)
        self._keys = gauge(
            "plumbline_keys_file_success", "0 if the file of keys has changed and cannot be taken, else 1.", ()
        )
        self.describe_keys(is_taken=True)
        self.shadows = ShadowMetrics(registry)
        self._build = gauge("plumbline_build_info", "The software.", ("version", "python", "onnxruntime"))

    def describe_build(self, version: str, python: str, onnxruntime: str) -> None:
        self._build.labels(version, python, onnxruntime).set(1)

    def describe_models(self, models: Models) -> None:
        """Tell from now on what ``models`` serve."""
        self._served = ServedCollector(models)
        self._registry.register(self._served)
        for named in models:
            if named.served is not None:
                self._begin_series(named.served)

    def observe_served(self, model: ServedModel) -> None:
        """Count a version that passed its checks."""
        self._loads.labels(model.name, "served").inc()
        self._begin_series(model)

    def observe_refused(self, model: str) -> None:
        """Count a version that failed its checks."""
        self._loads.labels(model, "refused").inc()

    def observe_reloaded(self, model: str, *, is_loaded: bool) -> None:
        """Count a version that had made room and was asked for."""
        self._loads.labels(model, "reloaded" if is_loaded else "not_reloaded").inc()

    def observe_unloaded(self, model: str) -> None:
        """Count a version that made room for others."""
        self._unloads.labels(model).inc()

    def _begin_series(self, model: ServedModel) -> None:
        for verdict in VERDICTS:
            self._samples.labels(
                model.name, str(model.version), verdict
            )  # a series that starts at zero can be rated from the start
        for state in AlarmState:
            self._transitions.labels(model.name, state)
        self._unloads.labels(model.name)

    def observe_scores(self, model: ServedModel, scores: Scores, seconds: float) -> None:
        """Count one scored batch that took ``seconds``."""
        self.observe_batches(model, [(scores, seconds)])

    def observe_batches(self, model: ServedModel, batches: Sequence[tuple[Scores, float]]) -> None:
        """Count scored batches, each with the seconds it took."""
        name, version = model.name, str(model.version)
        every = [scores for scores, _ in batches]
        verdicts = np.concatenate([scores.verdict for scores in every])
        for verdict, count in zip(VERDICTS, np.bincount(verdicts, minlength=len(VERDICTS)).tolist(), strict=True):
            if count:
                self._samples.labels(name, version, verdict).inc(count)
        self._count_reasons(name, (reason for scores in every for reason in scores.reasons.values()))
        observe_all(self._inference.labels(name), np.array([seconds for _, seconds in batches]))
        observe_all(self._batch.labels(name), np.array([len(scores.verdict) for scores in every]))
        ratios = score_ratios(np.concatenate([scores.score for scores in every]), model.manifest.threshold.value)
        observe_all(self._ratio.labels(name, version), ratios)

    def observe_invalid(self, model: ServedModel, reasons: Collection[str]) -> None:
        """Count samples that were found invalid before they came to be scored, each for a reason."""
        if reasons:
            self._samples.labels(model.name, str(model.version), VERDICTS[INVALID]).inc(len(reasons))
            self._count_reasons(model.name, reasons)

    def _count_reasons(self, model: str, reasons: Iterable[str]) -> None:
        for code, count in Counts(reason.partition(":")[0] for reason in reasons).items():
            self._rejected.labels(model, code).inc(count)

    def observe_queue(self, model: str, depth: int) -> None:
        """Say how many requests wait for a model."""
        self._queue.labels(model).set(depth)

    def describe_streams(self, model: str, counts: StreamCounts) -> None:
        """Say how many streams a model has now."""
        for state, count in counts.by_state.items():
            self._streams.labels(model, state).set(count)
        active = (AlarmState.UNACKNOWLEDGED, AlarmState.ACKNOWLEDGED)
        self._active.labels(model).set(sum(counts.by_state[state] for state in active))
        self._unjudged.labels(model).set(counts.unjudged)

    def observe_alarm(self, model: str, to: AlarmState) -> None:
        """Count an alarm that entered a state."""
        self._transitions.labels(model, to).inc()

    def observe_dropped_streams(self, dropped: Dropped) -> None:
        """Count streams that made room for others."""
        for cause, count in (("limit", dropped.beyond_limit), ("age", dropped.too_old)):
            if count:
                self._dropped.labels(cause).inc(count)

    def observe_requests(self, route: str, status: int, seconds: Sequence[float]) -> None:
        """Count requests of one route that were answered with the same status."""
        observe_all(self._request.labels(route, str(status)), np.asarray(seconds))

    def describe_keys(self, *, is_taken: bool) -> None:
        """Say whether the keys in force are those of their file."""
        self._keys.set(1 if is_taken else 0)

    def observe_refused_request(self, reason: str) -> None:
        """Count a request that was not let in."""
        self._refused.labels(reason).inc()

    def exposition(self) -> bytes:
        """Write every metric in Prometheus' text format, added up over the worker processes."""
        return generate_latest(self.collected())

    def collected(self) -> CollectorRegistry:
        """Give every metric, added up over the worker processes."""
        if self._shared is None:
            return self._registry
        together = CollectorRegistry()
        MultiProcessCollector(together, path=str(self._shared))  # type: ignore[no-untyped-call] # ships no types
        if self._served is not None:
            together.register(self._served)
        return together


def score_ratios(score: NDArray[np.float64], threshold: float) -> NDArray[np.float64]:
    """Divide the scores of valid samples by the threshold, within what a sum can bear."""
    valid = score[np.isfinite(score)]
    if threshold == 0:
        return np.where(valid > 0, LARGEST_RATIO, 0.0)
    return np.minimum(valid, LARGEST_RATIO * threshold) / threshold
