import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from prometheus_client import CollectorRegistry, Histogram

from service.metrics import Metrics, score_ratios
from service.observing import observe_all
from service.registry.models import Models, NamedModel, RefusedVersion, ServedModel
from tests.samples import clean_rows

BOUNDS = (0.1, 0.5, 1.0, 10.0)


@given(arrays(np.float64, st.integers(0, 40), elements=st.floats(0, 100) | st.sampled_from(BOUNDS)))
def test_observing_many_at_once_is_observing_each(values: np.ndarray[tuple[int], np.dtype[np.float64]]) -> None:
    registry = CollectorRegistry()
    at_once = Histogram("at_once", "", registry=registry, buckets=BOUNDS)
    each = Histogram("each", "", registry=registry, buckets=BOUNDS)
    observe_all(at_once, values)
    for value in values.tolist():
        each.observe(value)
    for bound in (*BOUNDS, "+Inf"):
        label = {"le": str(bound)}
        assert registry.get_sample_value("at_once_bucket", label) == registry.get_sample_value("each_bucket", label)
    assert registry.get_sample_value("at_once_sum") == pytest.approx(registry.get_sample_value("each_sum"))


def test_ratios_leave_out_invalid_samples() -> None:
    assert score_ratios(np.array([1.0, np.nan, 4.0]), 2.0).tolist() == [0.5, 2.0]


def test_ratios_stay_finite_whatever_the_score_and_the_threshold() -> None:
    assert np.isfinite(score_ratios(np.array([0.0, 1.0, 1e308]), 0.0)).all()
    assert np.isfinite(score_ratios(np.array([0.0, 1.0, 1e308]), 1e-308)).all()


def test_a_scored_batch_is_counted_by_verdict_and_reason(pump: ServedModel) -> None:
    registry = CollectorRegistry()
    metrics = Metrics(registry)
    faulty = np.array([[8, 120, 45, 99], [np.nan, 1, 1, 1], [99, 1, 1, 1], [99, 1, 1, 1]])
    x = np.vstack([clean_rows(20), faulty])
    scores = pump.scorer.score(x)
    metrics.observe_scores(pump, scores, 0.002)

    def value(name: str, **labels: str) -> float | None:
        return registry.get_sample_value(name, {"model": "pump", **labels})

    for index, verdict in enumerate(("normal", "review", "anomaly", "invalid")):
        counted = value("plumbline_samples_total", version="1", verdict=verdict) or 0
        assert counted == (scores.verdict == index).sum()
    assert value("plumbline_rejected_samples_total", reason="missing_value") == 1
    assert value("plumbline_rejected_samples_total", reason="out_of_range") == 2
    assert value("plumbline_inference_batch_size_sum") == 24
    assert value("plumbline_inference_duration_seconds_sum") == 0.002
    above = (value("plumbline_score_ratio_count", version="1") or 0) - (
        value("plumbline_score_ratio_bucket", version="1", le="1.0") or 0
    )
    assert above == (scores.score > pump.manifest.threshold.value).sum()


def test_models_are_described(pump: ServedModel) -> None:
    registry = CollectorRegistry()
    refused = (RefusedVersion(2, "bad"),)
    named = {"pump": NamedModel("pump", pump), "valve": NamedModel("valve", None, refused)}
    Metrics(registry).describe_models(Models(named))
    assert (
        registry.get_sample_value("plumbline_threshold", {"model": "pump", "version": "1"})
        == pump.manifest.threshold.value
    )
    assert registry.get_sample_value("plumbline_golden_check_success", {"model": "pump"}) == 1
    assert registry.get_sample_value("plumbline_golden_check_success", {"model": "valve"}) == 0
    (info,) = (metric for metric in registry.collect() if metric.name == "plumbline_model_info")
    (sample,) = info.samples
    assert sample.labels == {
        "model": "pump",
        "version": "1",
        "digest": pump.digest,
        "modality": "tabular",
        "score": pump.manifest.score,
        "provider": "cpu",
    }


def test_metrics_of_two_applications_do_not_meet(pump: ServedModel) -> None:
    mine, other = CollectorRegistry(), CollectorRegistry()
    Metrics(other)
    Metrics(mine).observe_scores(pump, pump.scorer.score(clean_rows(3)), 0.001)
    assert mine.get_sample_value("plumbline_inference_batch_size_sum", {"model": "pump"}) == 3
    assert other.get_sample_value("plumbline_inference_batch_size_sum", {"model": "pump"}) is None
