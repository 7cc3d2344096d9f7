"""What one request may cost."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """Bounds on one request; what lies beyond them is refused before it is read or computed.

    ``explained_values`` bounds samples times features of an ``explain`` request, whose answer is many times its body;
    ``fully_explained_values`` those explained in full, which takes some thousand scores for each sample;
    ``generated_values`` those that are generated.
    """

    body_bytes: int = 8 << 20
    body_seconds: float = 30.0
    samples: int = 10_000
    explained_values: int = 200_000
    fully_explained_values: int = 500
    generated_values: int = 500_000
