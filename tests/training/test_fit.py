import math

import pytest
import torch

from model.errors import GateError
from model.vae import VAE
from tests.samples import clean_rows
from training.config import FitConfig
from training.fit import MINIMUM_EPOCH_STEPS, Fitted, Schedule, fit
from training.standardise import fit_standardiser, standardised

CONFIG = FitConfig(steps=400, batch_size=64)


def run(config: FitConfig = CONFIG, seed: int = 0) -> Fitted[VAE]:
    rows = clean_rows(600)
    standardiser = fit_standardiser(rows[:500], [f"P{index}" for index in range(4)])
    torch.manual_seed(1)
    vae = VAE(4, 2, (16, 16), "per_feature")
    return fit(vae, standardised(rows[:500], standardiser), standardised(rows[500:], standardiser), config, seed)


def weights_of(fitted: Fitted[VAE]) -> list[float]:
    return [float(value) for tensor in fitted.vae.state_dict().values() for value in tensor.flatten()]


def test_the_same_seed_gives_the_same_weights_to_the_bit() -> None:
    assert weights_of(run()) == weights_of(run())


def test_another_seed_gives_other_weights() -> None:
    assert weights_of(run(seed=1)) != weights_of(run(seed=0))


def test_training_lowers_the_validation_negative_elbo() -> None:
    epochs = run(FitConfig(steps=800, batch_size=64, learning_rate=5e-3)).history.epochs
    assert min(record.validation_negative_elbo for record in epochs) < epochs[0].validation_negative_elbo - 0.5


def test_the_weights_of_the_best_epoch_are_kept() -> None:
    history = run(FitConfig(steps=1500, batch_size=8, learning_rate=0.05, patience=2)).history
    lowest = min(history.epochs, key=lambda record: record.validation_negative_elbo)
    assert history.best == lowest
    assert len(history.epochs) - history.best_epoch == 2
    assert history.stop_reason == "validation negative ELBO no better for 2 epochs"


def test_a_run_that_goes_on_improving_takes_all_its_steps() -> None:
    history = run().history
    assert history.stop_reason == f"all {400 // MINIMUM_EPOCH_STEPS} epochs done"


def test_beta_rises_over_the_warm_up_and_then_stays() -> None:
    schedule = Schedule(FitConfig(steps=1000, beta=2.0, warm_up=0.2), steps_per_epoch=50)
    betas = [schedule.beta(step) for step in range(1000)]
    assert betas[0] == pytest.approx(2.0 / 200)
    assert betas[99] == pytest.approx(1.0)
    assert set(betas[200:]) == {2.0}


def test_the_learning_rate_falls_from_its_start_to_nearly_nothing() -> None:
    schedule = Schedule(FitConfig(steps=1000, learning_rate=0.01), steps_per_epoch=50)
    assert schedule.learning_rate(0) == 0.01
    assert schedule.learning_rate(500) == pytest.approx(0.005)
    assert schedule.learning_rate(999) < 1e-6


def test_steps_that_are_not_finite_are_skipped_and_counted() -> None:
    rows = torch.randn(512, 4, generator=torch.Generator().manual_seed(0))
    rows[:3] = 1e30  # squares to infinity in float32
    torch.manual_seed(0)
    vae = VAE(4, 2, (8,), "fixed")
    fitted = fit(vae, rows, rows[100:200], FitConfig(steps=100, batch_size=16, patience=100), seed=0)
    skipped = [record.skipped_steps for record in fitted.history.epochs]
    assert all(1 <= count <= 3 * 2 for count in skipped)
    assert all(math.isfinite(record.train_distortion) for record in fitted.history.epochs)
    assert all(torch.isfinite(value).all() for value in fitted.vae.state_dict().values())


def test_training_that_never_takes_a_finite_step_says_so() -> None:
    rows = torch.full((64, 4), 1e30)
    with pytest.raises(GateError, match="training diverged: none of the 50 steps of epoch 1 was finite"):
        fit(VAE(4, 2, (8,), "fixed"), rows, rows, FitConfig(steps=100), seed=0)


def test_each_epoch_is_told_with_distortion_and_rate_apart() -> None:
    told = []
    rows = torch.randn(100, 4, generator=torch.Generator().manual_seed(0))
    fitted = fit(
        VAE(4, 2, (8,), "per_feature"), rows, rows, FitConfig(steps=150), 0, on_epoch=lambda r, n: told.append((r, n))
    )
    assert [record for record, _ in told] == list(fitted.history.epochs)
    assert {epochs for _, epochs in told} == {3}
    assert all(record.train_rate > 0 for record, _ in told)


def test_learned_noise_ends_at_the_variance_of_the_residuals() -> None:
    fitted = run(FitConfig(steps=3000, batch_size=64))
    rows = clean_rows(500)
    x = standardised(rows, fit_standardiser(rows, ["a", "b", "c", "d"]))
    with torch.no_grad():
        posterior = fitted.vae.posterior(x)
        drawn = posterior.draw(torch.randn(200, *posterior.mean.shape, generator=torch.Generator().manual_seed(0)))
        variance = (x - fitted.vae.decode(drawn)).square().mean(dim=(0, 1))
    torch.testing.assert_close(fitted.vae.log_noise, variance.log(), atol=0.25, rtol=0)


@pytest.mark.parametrize(("rows", "steps"), [(200, 3000), (21_168, 3000), (1_000_000, 3000), (500_000, 400), (50, 7)])
def test_there_are_never_more_steps_than_asked_for_and_epochs_enough_to_stop_by(rows: int, steps: int) -> None:
    schedule = Schedule.of(FitConfig(steps=steps), rows)
    assert 0 < schedule.epochs * schedule.steps_per_epoch <= steps
    assert schedule.epochs >= min(20, steps // MINIMUM_EPOCH_STEPS)
    assert schedule.warm_up_epochs <= max(1, schedule.epochs // 2)


def test_training_leaves_torch_as_it_was() -> None:
    before = torch.get_num_threads(), torch.are_deterministic_algorithms_enabled()
    run(FitConfig(steps=50))
    assert (torch.get_num_threads(), torch.are_deterministic_algorithms_enabled()) == before


def test_noise_at_its_floor_stays_there_and_can_rise_again() -> None:
    rows = torch.randn(256, 4, generator=torch.Generator().manual_seed(0))
    torch.manual_seed(0)
    vae = VAE(4, 2, (8,), "per_feature", noise_floor=0.3)
    with torch.no_grad():
        vae.free_log_noise.fill_(vae.log_noise_floor)  # far below the residuals' variance, which is about one
    fitted = fit(vae, rows, rows, FitConfig(steps=1000, batch_size=64), seed=0)
    assert (fitted.vae.log_noise > vae.log_noise_floor + 1).all()


def test_a_fixed_noise_stays_fixed() -> None:
    rows = torch.randn(100, 4, generator=torch.Generator().manual_seed(0))
    fitted = fit(VAE(4, 2, (8,), "fixed"), rows, rows, FitConfig(steps=60), seed=0)
    assert fitted.vae.log_noise.tolist() == [0.0] * 4
