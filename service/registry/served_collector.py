"""What is served, told to Prometheus as it is when it asks: nothing is left of a version that serves no more."""

from collections.abc import Iterator

from prometheus_client import Metric
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from service.registry.models import Models


class ServedCollector(Collector):
    """The gauges of ``models``. With several workers, those of the worker that was asked: all follow the same root."""

    def __init__(self, models: Models) -> None:
        self._models = models

    def collect(self) -> Iterator[Metric]:
        """Give every gauge."""
        threshold = GaugeMetricFamily(
            "plumbline_threshold", "Score above which a sample is an anomaly.", labels=("model", "version")
        )
        golden = GaugeMetricFamily(
            "plumbline_golden_check_success",
            "1 if the model's highest version passed every check on loading, golden samples included, else 0.",
            labels=("model",),
        )
        refused = GaugeMetricFamily(
            "plumbline_model_versions_refused",
            "Versions that failed their checks and are higher than the one served.",
            labels=("model",),
        )
        info = GaugeMetricFamily(
            "plumbline_model_info",
            "What is served.",
            labels=("model", "version", "digest", "modality", "score", "provider"),
        )
        memory = GaugeMetricFamily(
            "plumbline_model_memory_bytes",
            "About what a version takes; 0 while it is unloaded, until it is asked for.",
            labels=("model", "version"),
        )
        for named in self._models:
            golden.add_metric((named.name,), 0 if named.refused else 1)
            refused.add_metric((named.name,), len(named.refused))
            model = named.served
            if model is not None:
                version, manifest = str(model.version), model.manifest
                memory.add_metric((model.name, version), model.slot.size if model.is_loaded else 0)
                threshold.add_metric((model.name, version), manifest.threshold.value)
                info.add_metric(
                    (model.name, version, model.digest, manifest.modality, manifest.score, model.provider), 1
                )
        yield from (threshold, golden, refused, info, memory)
