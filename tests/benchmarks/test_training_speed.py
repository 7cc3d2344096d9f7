import pytest

from benchmarks.training_speed import optimiser_steps
from model.manifest import Training
from training.config import TrainingConfig


@pytest.mark.parametrize(
    ("rows", "fit", "epochs", "steps"),
    [
        (25_600, {"batch_size": 256}, 7, 700),  # a pass over the rows
        (100, {"batch_size": 256}, 7, 350),  # few rows: an epoch has 50 steps
        (25_600, {"batch_size": 256, "steps": 20}, 1, 20),  # fewer steps than an epoch
    ],
)
def test_steps_are_counted_from_the_manifest(rows: int, fit: dict[str, int], epochs: int, steps: int) -> None:
    config = TrainingConfig.model_validate({"fit": fit})
    training = Training(
        created_at="2026-01-01T00:00:00+00:00",
        data_fingerprint="sha256:" + "0" * 64,
        config=config.model_dump(mode="json"),
        config_sha256=config.sha256(),
        code_version="0.1.0",
        libraries={},
        seed=0,
        rows={"train": rows},
        metrics={"epochs": epochs},
    )
    assert optimiser_steps(training) == steps
