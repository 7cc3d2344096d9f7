import threading
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from prometheus_client import CollectorRegistry

from model.bundle import read_bundle
from model.scorer import Scorer
from service.registry.models import ServedModel
from service.registry.slot import Loaded
from service.shadow import shadow as module
from service.shadow.answers import shadow_report
from service.shadow.metrics import ShadowMetrics, read_figures
from service.shadow.shadow import Shadow
from tests.samples import clean_rows
from tests.service.bundles import PUMP
from tests.service.programs import wait_until


@pytest.fixture
def registry() -> CollectorRegistry:
    return CollectorRegistry()


@pytest.fixture
def candidate() -> Scorer:
    """The golden model with half its threshold, as its version 2."""
    bundle = read_bundle(PUMP)
    threshold = bundle.manifest.threshold
    halved = threshold.model_copy(update={"value": threshold.value / 2})
    return Scorer(replace(bundle, manifest=bundle.manifest.model_copy(update={"version": 2, "threshold": halved})))


@pytest.fixture
def shadow(pump: ServedModel, candidate: Scorer, registry: CollectorRegistry) -> Iterator[Shadow]:
    counts = ShadowMetrics(registry).counts(pump.manifest, candidate.manifest)
    shadow = Shadow(pump.manifest, ServedModel.of(Loaded(candidate)), counts)
    yield shadow
    shadow.close()


def counted(registry: CollectorRegistry) -> int:
    figures = read_figures(registry.collect(), "pump", 1, 2)
    return int(figures.verdicts.sum()) + figures.dropped


def test_what_is_offered_is_compared(pump: ServedModel, shadow: Shadow, registry: CollectorRegistry) -> None:
    x = np.vstack([clean_rows(300), np.array([[8, 120, 45, 99], [8, np.nan, 45, 11]])])
    with_shadow = replace(pump, shadow=shadow)
    served = with_shadow.score(x)
    for rows in np.array_split(x, 30):
        with_shadow.score(rows)
    wait_until(lambda: counted(registry) == 2 * len(x))
    report = shadow_report("pump", 1, 2, "d", read_figures(registry.collect(), "pump", 1, 2))
    assert report["samples"] == 2 * len(x)
    assert report["dropped"] == 0
    halved = served.score > pump.manifest.threshold.value / 2
    pairs = {(str(pair["verdict"]), str(pair["candidate_verdict"])): pair["samples"] for pair in report["verdicts"]}
    assert pairs["invalid", "invalid"] == 2
    assert pairs["anomaly", "anomaly"] == 2 * (served.score > pump.manifest.threshold.value).sum()
    assert pairs["normal", "anomaly"] == 2 * (halved & (served.verdict == 0)).sum() > 0
    assert report["candidate_anomaly_rate"] == pytest.approx(halved.sum() / (len(x) - 1))
    assert report["quotient"] is not None
    assert report["quotient"]["geometric_mean"] == pytest.approx(2)
    # A histogram says no more than in which bucket.
    assert all(1.5 < value <= 5 for value in report["quotient"]["quantiles"].values())


def test_a_sample_that_could_not_be_read_is_none_of_the_candidates_either(
    pump: ServedModel, shadow: Shadow, registry: CollectorRegistry
) -> None:
    replace(pump, shadow=shadow).score(clean_rows(2), {1: "not_a_number: 'flow' is 'x', expected a number"})
    wait_until(lambda: counted(registry) == 2)
    verdicts = read_figures(registry.collect(), "pump", 1, 2).verdicts
    assert (verdicts[0].sum(), verdicts[3, 3]) == (1, 1)


def test_what_there_is_no_time_for_is_counted_and_left_out(
    pump: ServedModel, candidate: Scorer, registry: CollectorRegistry, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, go_on = threading.Event(), threading.Event()
    score = candidate.score

    def wait(*asked: object) -> object:
        begun.set()
        go_on.wait()
        return score(*asked)  # type: ignore[arg-type] # whatever it was asked

    monkeypatch.setattr(candidate, "score", wait)
    monkeypatch.setattr(module, "WAITING_BATCHES", 3)
    shadow = Shadow(
        pump.manifest,
        ServedModel.of(Loaded(candidate)),
        ShadowMetrics(registry).counts(pump.manifest, candidate.manifest),
    )
    x, scores = clean_rows(10), pump.score(clean_rows(10))
    shadow.offer(x, {}, scores)
    assert begun.wait(60)
    for _ in range(8):
        shadow.offer(x, {}, scores)
    assert read_figures(registry.collect(), "pump", 1, 2).dropped == 50
    go_on.set()
    wait_until(lambda: counted(registry) == 90)
    shadow.close()


def test_a_batch_larger_than_what_may_wait_is_taken_where_nothing_waits(
    pump: ServedModel, shadow: Shadow, registry: CollectorRegistry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "WAITING_BYTES", 8)
    replace(pump, shadow=shadow).score(clean_rows(20))
    wait_until(lambda: counted(registry) == 20)
    assert read_figures(registry.collect(), "pump", 1, 2).dropped == 0


def test_a_closed_shadow_scores_no_more(pump: ServedModel, shadow: Shadow, registry: CollectorRegistry) -> None:
    shadow.close()
    shadow.offer(clean_rows(5), {}, pump.score(clean_rows(5)))
    assert read_figures(registry.collect(), "pump", 1, 2).dropped == 5
