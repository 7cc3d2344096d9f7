import pytest
import torch

from model.detector import Metric
from model.detector_graphs import DetectorGraphs, vae_graphs
from model.errors import CalibrationError, ParityError
from model.features import FeatureSpec
from model.raw_scorer import RawScorer
from model.vae import VAE
from tests.factories import untrained_detector
from tests.samples import FEATURES, clean_rows
from training.config import TrainingConfig
from training.config_file import load_config
from training.served import make_served

SPEC = FeatureSpec(features=FEATURES)


def detector() -> DetectorGraphs:
    return untrained_detector().graphs


@pytest.fixture(scope="module")
def ordinary() -> tuple[DetectorGraphs, TrainingConfig]:
    return detector(), load_config(None, {"calibration.review_fpr": 0.05})


def test_the_threshold_belongs_to_the_exported_graph(ordinary: tuple[DetectorGraphs, TrainingConfig]) -> None:
    rows = clean_rows(1000)
    served = make_served(ordinary[0], SPEC, rows, ordinary[1])
    assert served.threshold.value in RawScorer(served.graphs.scorer).scores(rows)
    assert served.precision == "float32"
    assert served.review is not None
    assert served.review.value < served.threshold.value


def test_golden_samples_hold_every_verdict(ordinary: tuple[DetectorGraphs, TrainingConfig]) -> None:
    served = make_served(ordinary[0], SPEC, clean_rows(1000), ordinary[1])
    assert set(served.golden.verdicts.tolist()) == {0, 1, 2, 3}


def test_a_promise_the_rows_cannot_support_is_refused() -> None:
    with pytest.raises(CalibrationError, match="takes 299 clean calibration samples, found 200"):
        make_served(detector(), SPEC, clean_rows(200), TrainingConfig())


def test_where_float32_cannot_reproduce_the_scores_the_network_is_exported_in_float64() -> None:
    # A rotation and back, all but 1e-5 of it: the residual is a hundred times float32's rounding of what it is taken from.
    vae = VAE(4, 4, (), "fixed")
    rotation, _ = torch.linalg.qr(torch.randn(4, 4, generator=torch.Generator().manual_seed(0)))
    with torch.no_grad():
        vae.posterior_mean.weight.copy_(rotation)
        vae.decoder.get_parameter("1.weight").copy_(rotation.T * (1 - 1e-5))
        vae.posterior_mean.bias.zero_()
        vae.decoder.get_parameter("1.bias").zero_()
    parts = untrained_detector()
    identity = torch.eye(4, dtype=torch.float64)
    metric = Metric(torch.zeros(4, dtype=torch.float64), identity, identity)
    served = make_served(vae_graphs(vae, parts.standardiser, metric), SPEC, clean_rows(500), TrainingConfig())
    assert served.precision == "float64"
    assert served.certificate.score_error <= 1e-5


def test_a_model_that_is_not_finite_passes_no_gate() -> None:
    parts = untrained_detector()
    with torch.no_grad():
        parts.vae.posterior_mean.weight.fill_(float("nan"))
    with pytest.raises((CalibrationError, ParityError)):
        make_served(parts.graphs, SPEC, clean_rows(500), TrainingConfig())


def test_the_alarm_rule_is_completed_by_the_calibration_scores_and_tried_on_them() -> None:
    config = load_config(None, {"alarm.k": 2, "alarm.n": 3, "alarm.off_delay": 4, "alarm.hysteresis": 3.0})
    served = make_served(detector(), SPEC, clean_rows(1000), config)
    assert served.alarm is not None
    scores, rule = served.calibration_scores, served.alarm.rule
    above = int((scores > served.threshold.value).sum())
    assert int((scores > rule.clear_threshold).sum()) == 3 * above
    assert served.alarm.clean is not None
    assert served.alarm.clean.annunciations < served.alarm.clean.runs <= above


def test_rows_in_no_order_tell_nothing_of_alarms_in_time() -> None:
    served = make_served(detector(), SPEC, clean_rows(1000), load_config(None, {"split.by": "random"}))
    assert served.alarm is not None
    assert served.alarm.clean is None
