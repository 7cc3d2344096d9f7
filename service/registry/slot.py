"""What a version works with, and its place in memory, which may be empty until it is needed."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from threading import Lock
from time import monotonic

from model.encoder import Encoder
from model.generator import Generator
from model.manifest import Manifest
from model.purifier import Purifier
from model.scorer import Scorer


@dataclass
class Loaded:
    """One version's graphs, ready to run; ``encoder`` and ``generator`` are None where its detector has no latent."""

    scorer: Scorer
    encoder: Encoder | None = None
    generator: Generator | None = None

    @cached_property
    def purifier(self) -> Purifier:
        return self.scorer.purifier(self.generator.search() if self.generator else None)


class Slot:
    """Holds what one version works with, about ``size`` bytes, or nothing while others need the memory.

    Who takes it from an empty slot waits while ``load`` reads it again, and belongs in a thread. Thread-safe.
    """

    def __init__(self, manifest: Manifest, loaded: Loaded, size: int, load: Callable[["Slot"], Loaded]) -> None:
        self.manifest, self.size = manifest, size
        self.used = monotonic()
        self._loaded: Loaded | None = loaded
        self._load = load
        self._loading = Lock()

    @property
    def is_loaded(self) -> bool:
        return self._loaded is not None

    def take(self) -> Loaded:
        """Give what the version works with; whoever has it may finish with it, whatever becomes of the slot.

        Raises:
            NotReadyError: it was unloaded and cannot be loaded again.
        """
        self.used = monotonic()
        loaded = self._loaded
        return self._refilled() if loaded is None else loaded

    def empty(self) -> None:
        """Let go of what is held here."""
        self._loaded = None

    def _refilled(self) -> Loaded:
        with self._loading:  # who comes second finds it loaded
            loaded = self._loaded
            if loaded is None:
                loaded = self._loaded = self._load(self)
            self.used = monotonic()
            return loaded
