"""The training loop: minibatches, beta warm-up, early stopping on the validation negative ELBO, repeatable to the bit."""

import math
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Generic, Protocol, Self, TypeVar

import torch
from torch import Tensor

from model.autoencoder import Autoencoder
from model.elbo import ElboTerms, elbo_terms
from model.errors import GateError
from training.absence import hide_values
from training.checkpoint import Checkpoint, Progress
from training.config import FitConfig
from training.history import EpochRecord, TrainingHistory

MINIMUM_EPOCH_STEPS = 50
MINIMUM_EPOCHS = 20  # validation, early stopping and checkpoints work in epochs, however many rows there are
# Adam moves a parameter by about the learning rate a step. A log variance may have to fall by ten; weights never do.
NOISE_RATE = 10.0
CHECKPOINT_INTERVAL_S = 2.0
EVALUATION_CHUNK = 8192

Network = TypeVar("Network", bound=Autoencoder)


class NormalisedSamples(Protocol):
    """Samples as a network takes them, fetched when asked; a tensor [N, *shape] is such a set."""

    def __len__(self) -> int: ...

    def __getitem__(self, rows: Tensor, /) -> Tensor:
        """Return samples [n, *shape] by their numbers."""
        ...


@dataclass(frozen=True)
class Fitted(Generic[Network]):
    """The weights with the lowest validation objective, distortion + beta * rate, and how they were found."""

    vae: Network
    history: TrainingHistory


@dataclass(frozen=True)
class Schedule:
    """How many steps there are, and what learning rate and beta each of them gets."""

    config: FitConfig
    steps_per_epoch: int

    @classmethod
    def of(cls, config: FitConfig, rows: int) -> Self:
        once = max(math.ceil(rows / config.batch_size), MINIMUM_EPOCH_STEPS)
        return cls(config, max(min(once, config.steps // MINIMUM_EPOCHS), min(MINIMUM_EPOCH_STEPS, config.steps)))

    @property
    def epochs(self) -> int:
        return self.config.steps // self.steps_per_epoch

    @property
    def warm_up_epochs(self) -> int:
        return math.ceil(self.config.warm_up * self.epochs)

    def learning_rate(self, step: int) -> float:
        """Fall along half a cosine from the configured rate to zero (Loshchilov and Hutter, SGDR, 2017)."""
        done = min(step / (self.epochs * self.steps_per_epoch), 1.0)
        return self.config.learning_rate * 0.5 * (1 + math.cos(math.pi * done))

    def beta(self, step: int) -> float:
        rising = self.warm_up_epochs * self.steps_per_epoch
        return self.config.beta * min((step + 1) / rising, 1.0) if rising else self.config.beta


def fit(
    vae: Network,
    train: NormalisedSamples,
    validation: NormalisedSamples,
    config: FitConfig,
    seed: int,
    checkpoint: Checkpoint | None = None,
    on_epoch: Callable[[EpochRecord, int], None] = lambda _record, _epochs: None,
    *,
    chunk: int = EVALUATION_CHUNK,
) -> Fitted[Network]:
    """Fit ``vae`` in place to normalised ``train`` samples, stopping by ``validation``, ``chunk`` of these at a time.

    All randomness of an epoch follows from (seed, epoch), so a run continued from its checkpoint ends in the same
    weights as one that was never interrupted. ``on_epoch`` is told each record and how many epochs there may be.

    Raises:
        GateError: not one step of an epoch, or no validation result, was finite.
    """
    with _repeatable():
        return _fit(vae, train, _Evaluation.of(validation, vae, seed, chunk), config, seed, checkpoint, on_epoch)


@contextmanager
def _repeatable() -> Iterator[None]:
    """Compute what can be repeated to the bit, on one thread.

    Layers this small lose more to waking a second thread than they gain (8 times, on two busy cores), and with one the
    result cannot depend on how many cores there are.
    """
    deterministic, threads = torch.are_deterministic_algorithms_enabled(), torch.get_num_threads()
    torch.use_deterministic_algorithms(True)
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.use_deterministic_algorithms(deterministic)
        torch.set_num_threads(threads)


def new_optimiser(vae: Autoencoder) -> torch.optim.Adam:
    """Make the optimiser: weights in the first group, the observation noise in the second where it is learned."""
    noise = [vae.free_log_noise] if vae.free_log_noise.requires_grad else []
    weights = [parameter for parameter in vae.parameters() if parameter is not vae.free_log_noise]
    groups = [{"params": weights, "factor": 1.0}, {"params": noise, "factor": NOISE_RATE}]
    return torch.optim.Adam([group for group in groups if group["params"]], fused=True)


def _fit(
    vae: Network,
    train: NormalisedSamples,
    evaluation: "_Evaluation",
    config: FitConfig,
    seed: int,
    checkpoint: Checkpoint | None,
    on_epoch: Callable[[EpochRecord, int], None],
) -> Fitted[Network]:
    started = time.monotonic()
    optimiser = new_optimiser(vae)
    schedule = Schedule.of(config, len(train))

    progress = checkpoint.load(vae, optimiser) if checkpoint else None
    progress = progress or Progress(history=[], best=_weights(vae), best_epoch=0, best_objective=math.inf, seconds=0.0)
    earlier, saved = progress.seconds, time.monotonic()
    while not (stop_reason := _stop_reason(progress, schedule)):
        epoch = len(progress.history) + 1
        record = _run_epoch(vae, optimiser, train, schedule, seed, epoch, evaluation)
        progress.history.append(record)
        objective = record.validation_distortion + config.beta * record.validation_rate
        if objective < progress.best_objective:
            progress.best, progress.best_epoch, progress.best_objective = _weights(vae), epoch, objective
        on_epoch(record, schedule.epochs)
        if checkpoint and time.monotonic() - saved > CHECKPOINT_INTERVAL_S:
            progress.seconds = earlier + time.monotonic() - started
            checkpoint.save(vae, optimiser, progress)
            saved = time.monotonic()
    if not progress.best_epoch:
        raise GateError("training diverged: the validation negative ELBO was never finite; lower the learning rate")
    vae.load_state_dict(progress.best)
    seconds = earlier + time.monotonic() - started
    history = TrainingHistory(tuple(progress.history), progress.best_epoch, stop_reason, seconds)
    return Fitted(vae.eval(), history)


def _stop_reason(progress: Progress, schedule: Schedule) -> str:
    """Say why training is over, or nothing while it is not."""
    epoch, patience = len(progress.history), schedule.config.patience
    if epoch >= schedule.epochs:
        return f"all {schedule.epochs} epochs done"
    if epoch - max(progress.best_epoch, schedule.warm_up_epochs) >= patience:
        return f"validation negative ELBO no better for {patience} epochs"
    return ""


@dataclass(frozen=True)
class _Evaluation:
    """M validation samples, the standard noise [M, Z] of their one posterior draw, and how many are taken at a time."""

    x: NormalisedSamples
    epsilon: Tensor
    chunk: int

    @classmethod
    def of(cls, x: NormalisedSamples, vae: Autoencoder, seed: int, chunk: int) -> Self:
        # Early stopping compares epochs under the same draw, from a stream of its own.
        return cls(x, torch.randn(len(x), vae.latent_size, generator=_generator(seed, 0)), chunk)

    @torch.no_grad()
    def terms(self, vae: Autoencoder) -> tuple[float, float]:
        """Return mean distortion and mean rate."""
        vae.eval()
        numbers = torch.arange(len(self.x)).split(self.chunk)
        parts = [
            elbo_terms(vae, self.x[rows], epsilon)
            for rows, epsilon in zip(numbers, self.epsilon.split(self.chunk), strict=True)
        ]
        distortion, rate = torch.cat([p.distortion for p in parts]), torch.cat([p.rate for p in parts])
        return float(distortion.double().mean()), float(rate.double().mean())


def _run_epoch(
    vae: Autoencoder,
    optimiser: torch.optim.Adam,
    train: NormalisedSamples,
    schedule: Schedule,
    seed: int,
    epoch: int,
    evaluation: _Evaluation,
) -> EpochRecord:
    generator = _generator(seed, epoch)
    vae.train()
    batch_size = min(schedule.config.batch_size, len(train))
    order = _shuffled(len(train), schedule.steps_per_epoch * batch_size, generator)
    sums, skipped, beta = torch.zeros(2, dtype=torch.float64), 0, 0.0
    for index, rows in enumerate(order.split(batch_size)):
        step = (epoch - 1) * schedule.steps_per_epoch + index
        beta = schedule.beta(step)
        for group in optimiser.param_groups:
            group["lr"] = schedule.learning_rate(step) * group["factor"]
        epsilon = torch.randn(len(rows), vae.latent_size, generator=generator)
        x = hide_values(train[rows], generator) if vae.masked else train[rows]
        terms = _step(vae, optimiser, x, epsilon, beta, schedule.config.gradient_clip)
        if terms is None:
            skipped += 1
        else:
            sums += torch.stack([terms.distortion.detach().mean(), terms.rate.detach().mean()]).double()
    taken = schedule.steps_per_epoch - skipped
    if taken == 0:
        raise GateError(
            f"training diverged: none of the {skipped} steps of epoch {epoch} was finite; lower the learning rate"
        )
    distortion, rate = (sums / taken).tolist()
    return EpochRecord(epoch, beta, distortion, rate, *evaluation.terms(vae), skipped_steps=skipped)


def _step(
    vae: Autoencoder, optimiser: torch.optim.Adam, x: Tensor, epsilon: Tensor, beta: float, gradient_clip: float
) -> ElboTerms | None:
    """Take one step; where the loss or its gradient is not finite, leave the weights as they are and return None."""
    terms = elbo_terms(vae, x, epsilon)
    loss = terms.negative_elbo(beta).mean()
    optimiser.zero_grad(set_to_none=True)
    loss.backward()
    norm = torch.nn.utils.clip_grad_norm_(vae.parameters(), gradient_clip)
    if not (torch.isfinite(loss) and torch.isfinite(norm)):
        return None
    optimiser.step()
    with torch.no_grad():  # below its floor the noise would have no gradient, and could not rise again
        vae.free_log_noise.clamp_(min=vae.log_noise_floor)
    return terms


def _shuffled(rows: int, count: int, generator: torch.Generator) -> Tensor:
    """Draw ``count`` row indices, each row once before any comes again."""
    passes = [torch.randperm(rows, generator=generator) for _ in range(math.ceil(count / rows))]
    return torch.cat(passes)[:count]


def _generator(seed: int, epoch: int) -> torch.Generator:
    # SplitMix64's odd constant spreads neighbouring (seed, epoch) pairs over the seed space.
    return torch.Generator().manual_seed((seed * 0x9E3779B97F4A7C15 + epoch) % 2**63)


def _weights(vae: Autoencoder) -> dict[str, Tensor]:
    return {name: value.detach().clone() for name, value in vae.state_dict().items()}
