"""What training asks of a variational autoencoder, whatever its samples are. B: batch, Z: latent size."""

from collections.abc import Iterator, Mapping
from typing import Any, Protocol

from torch import Tensor, nn

from model.vae import Posterior


class Autoencoder(Protocol):
    """A torch module from normalised samples [B, *shape] to a diagonal Gaussian and back to a Gaussian's mean.

    ``log_noise`` is the log variance of the observation noise, of the samples' shape or one that broadcasts to it;
    ``free_log_noise`` is what of it is learned, never below ``log_noise_floor``. ``masked`` says whether values may be
    absent.
    """

    masked: bool
    latent_size: int
    log_noise_floor: float
    free_log_noise: nn.Parameter

    @property
    def log_noise(self) -> Tensor: ...

    def posterior(self, x: Tensor) -> Posterior:
        """Encode ``x`` [B, *shape]."""
        ...

    def decode(self, z: Tensor) -> Tensor:
        """Return the mean of p(x|z) [B, *shape]."""
        ...

    def parameters(self) -> Iterator[Any]: ...

    def state_dict(self) -> dict[str, Any]: ...

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> Any: ...

    def train(self) -> Any: ...

    def eval(self) -> Any: ...
