"""What is wrong with the structure of samples, in words short enough to send back."""

from collections.abc import Collection, Sequence

from pydantic import JsonValue

from service.errors import StructureError
from service.wording import listed, shown

NAMED_FAULTS = 20  # samples described in one answer; all are counted


def missing_and_unknown(names: Sequence[str], found: Collection[str]) -> str:
    """Say which of ``names`` are not among those ``found``, and which are that should not be."""
    known = frozenset(names)
    missing = [name for name in names if name not in found]
    unknown = [name for name in found if name not in known]
    return ", ".join(f"{word} {listed(part)}" for word, part in (("no", missing), ("unknown", unknown)) if part)


class SampleFaults:
    """The samples whose structure does not fit features ``names``; ``named`` says that objects are expected."""

    def __init__(self, names: Sequence[str], named: bool) -> None:
        self._names, self._named = names, named
        self._count = 0
        self._described: list[dict[str, JsonValue]] = []

    def add(self, row: int, sample: object) -> None:
        self._count += 1
        if len(self._described) < NAMED_FAULTS:
            self._described.append({"sample": row, "expected": self._expected(), "found": self._found(sample)})

    def refuse(self, total: int) -> None:
        """Raise StructureError if any fault was added; ``total`` is the number of samples in the request."""
        if not self._count:
            return
        first = self._described[0]
        raise StructureError(
            f"{self._count:,} of {total:,} samples do not fit the model's features; sample {first['sample']}: "
            f"expected {first['expected']}, found {first['found']}",
            {"bad_samples": self._count, "samples": [*self._described]},
        )

    def _expected(self) -> str:
        if self._named:
            return f"an object with the names {listed(self._names)}"
        return f"an array of {len(self._names)} values in the order {listed(self._names)}"

    def _found(self, sample: object) -> str:
        if isinstance(sample, list) and not self._named:
            return f"{len(sample)} values"
        if not (isinstance(sample, dict) and self._named):
            return shown(sample)
        return missing_and_unknown(self._names, sample)
