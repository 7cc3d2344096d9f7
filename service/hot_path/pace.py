"""How long a model takes for a batch, learned from what it took."""

from math import inf

RECENT = 0.2  # the weight of the last run


class Pace:
    """The seconds that runs of a model took lately, by the order of magnitude of their rows."""

    def __init__(self) -> None:
        self._seconds: dict[int, float] = {}

    def learn(self, rows: int, seconds: float) -> None:
        size = rows.bit_length()
        known = self._seconds.get(size)
        self._seconds[size] = seconds if known is None else known + RECENT * (seconds - known)

    def expect(self, rows: int) -> float:
        """Say how long so many rows will take, at most; infinitely long where nothing like it was seen."""
        size = rows.bit_length()
        known = self._seconds.get(size)
        if known is None:
            larger = [each for each in self._seconds if each > size]
            return self._seconds[min(larger)] if larger else inf
        return known
