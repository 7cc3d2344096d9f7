"""What one request may cost."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """Bounds on one request; what lies beyond them is refused before it is read or computed.

    ``explained_values`` bounds samples times features of an ``explain`` request, whose answer is many times its body;
    ``fully_explained_values`` those explained in full, which takes some thousand scores for each sample;
    ``generated_values`` those that are generated. ``image_pixels`` bounds the pixels of a request's images together, once
    decoded, and ``explained_pixels`` those of its heat maps; one image is taken in any case. ``request_seconds`` bounds
    how long a request may wait for its turn, ``inflated_bytes`` what may be made of a compressed body.
    """

    body_bytes: int = 8 << 20
    body_seconds: float = 30.0
    samples: int = 10_000
    explained_values: int = 200_000
    fully_explained_values: int = 500
    generated_values: int = 500_000
    image_pixels: int = 32_000_000
    explained_pixels: int = 4_000_000
    request_seconds: float = 30.0
    inflated_bytes: int = 8 << 20


@dataclass(frozen=True)
class QueueBounds:
    """How much may wait to be scored. Whoever comes to more, or would wait for longer than ``seconds``, is sent away."""

    seconds: float = 1.0
    requests: int = 4_096
    value_bytes: int = 256 << 20
