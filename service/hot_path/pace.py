"""How long a model takes for a batch, learned from what it took."""

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
        """Say how long so many rows will take; of a size never seen, infinitely long."""
        return self._seconds.get(rows.bit_length(), float("inf"))
