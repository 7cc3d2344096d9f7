"""When clean rows that a network never saw lag behind, the report says so, and why."""

import pytest

from training.generalisation import Generalisation, Likelihood
from training.report.generalisation import check_generalisation


def found(train: float, validation: float, calibration: float, error: float = 0.05) -> Generalisation:
    parts = [Likelihood(1000, 32, value - 0.1, value, error) for value in (train, validation, calibration)]
    return Generalisation(10, *parts)


@pytest.mark.parametrize(
    ("figures", "headline"),
    [
        ((-9.0, -9.1, -9.2), "It does not overfit."),
        ((-9.0, -8.9, -8.8), "It does not overfit."),
        ((-9.0, -11.0, -11.5), "It overfits."),
        ((-9.0, -9.1, -14.0), "Calibration rows are unlike the rows it learned from."),
    ],
)
def test_a_gap_is_named_for_what_makes_it(figures: tuple[float, float, float], headline: str) -> None:
    assert check_generalisation(found(*figures)).headline == headline


def test_a_gap_within_chance_is_none() -> None:
    assert check_generalisation(found(-9.0, -11.0, -11.5, error=1.0)).tone == "good"


def test_the_gap_is_told_in_nats_either_way() -> None:
    assert "2.5 nats less likely" in check_generalisation(found(-9.0, -11.0, -11.5)).detail.replace("\xa0", " ")
    assert "0.20 nats more likely" in check_generalisation(found(-9.0, -8.9, -8.8)).detail


def test_the_manifest_gets_both_figures_of_every_part() -> None:
    assert found(-9.0, -9.1, -9.2).metrics() == pytest.approx(
        {
            "train_elbo": -9.1,
            "train_log_likelihood": -9.0,
            "validation_elbo": -9.2,
            "validation_log_likelihood": -9.1,
            "calibration_elbo": -9.3,
            "calibration_log_likelihood": -9.2,
        }
    )
