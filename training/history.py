"""What a training run recorded of itself, epoch by epoch."""

from dataclasses import dataclass


@dataclass(frozen=True)
class EpochRecord:
    """Means over one epoch's training rows and over the validation rows, in nats per sample."""

    epoch: int
    beta: float
    train_distortion: float
    train_rate: float
    validation_distortion: float
    validation_rate: float
    skipped_steps: int

    @property
    def validation_negative_elbo(self) -> float:
        return self.validation_distortion + self.validation_rate


@dataclass(frozen=True)
class TrainingHistory:
    """How the fit went: one record per epoch, the epoch whose weights were kept, wall-clock seconds."""

    epochs: tuple[EpochRecord, ...]
    best_epoch: int
    stop_reason: str
    seconds: float

    @property
    def best(self) -> EpochRecord:
        return self.epochs[self.best_epoch - 1]
