import numpy as np
import pytest

from model.scorer import ANOMALY, INVALID, NORMAL
from service.errors import NotComparableError
from service.registry.models import ServedModel
from service.shadow.comparison import Judged, check_comparable, compare


def judged(*scores: float, threshold: float = 2.0) -> Judged:
    score = np.array(scores)
    verdict = np.where(np.isnan(score), INVALID, np.where(score > threshold, ANOMALY, NORMAL)).astype(np.int8)
    return Judged(score, verdict, threshold)


def test_pairs_of_verdicts_are_counted() -> None:
    found = compare(judged(1, 3, 3, np.nan), judged(1, 1, 3, 1)).verdicts
    assert found.sum() == 4
    assert (found[NORMAL, NORMAL], found[ANOMALY, NORMAL], found[ANOMALY, ANOMALY], found[INVALID, NORMAL]) == (
        1,
        1,
        1,
        1,
    )


def test_ratios_are_compared_and_not_scores() -> None:
    found = compare(judged(1, 4), judged(10, 80, threshold=20.0)).log_quotients
    np.testing.assert_allclose(found, [0.0, np.log(2)], atol=1e-12)


def test_only_what_both_could_score_has_a_ratio() -> None:
    assert len(compare(judged(1, np.nan, 1), judged(np.nan, 1, 1)).log_quotients) == 1


@pytest.mark.parametrize("threshold", [0.0, 1e-308, 1e308])
def test_ratios_stay_finite_whatever_scores_and_thresholds(threshold: float) -> None:
    scores = (0.0, 1e-308, 1.0, 1e308)
    assert np.isfinite(compare(judged(*scores, threshold=threshold), judged(*scores[::-1])).log_quotients).all()


def test_a_version_is_not_compared_with_itself(pump: ServedModel) -> None:
    with pytest.raises(NotComparableError, match="it is the one that serves"):
        check_comparable(pump.manifest, pump.manifest)


def test_versions_of_other_features_are_not_compared(pump: ServedModel) -> None:
    features = tuple(reversed(pump.manifest.features))
    other = pump.manifest.model_copy(update={"version": 2, "features": features})
    with pytest.raises(NotComparableError, match="its features are 'current', .* not 'pressure'"):
        check_comparable(pump.manifest, other)
