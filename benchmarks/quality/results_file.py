"""Results on disk, a line of JSON each: appended whole as they are measured, so that an interrupted run is continued."""

import fcntl
import os
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import orjson
from pydantic import ConfigDict, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass as checked_dataclass

from benchmarks.quality.measures import Measures
from benchmarks.quality.protocol import Variant
from benchmarks.quality.provenance import Provenance
from model.errors import InputError

NAME = "results.jsonl"


class Key(NamedTuple):
    """One thing to measure."""

    name: str
    variant: Variant
    method: str
    seed: int


@checked_dataclass(frozen=True, config=ConfigDict(extra="forbid"))
class Result:
    """What one method made of one set under one seed; ``seconds`` and ``cpu_seconds`` are those of its training."""

    name: str
    variant: Variant
    method: str
    seed: int
    provenance: Provenance
    measures: Measures
    seconds: float
    cpu_seconds: float

    @property
    def key(self) -> Key:
        return Key(self.name, self.variant, self.method, self.seed)


_LINE = TypeAdapter(Result)


@dataclass(frozen=True)
class ResultsFile:
    """``results.jsonl``, opened by one run at a time."""

    path: Path
    descriptor: int

    def read(self) -> list[Result]:
        """Return all results; of a last line that was never finished nothing is kept, in the file neither.

        Raises:
            InputError: a line is no result.
        """
        data = self.path.read_bytes()
        whole = data.rfind(b"\n") + 1
        if whole < len(data):
            os.ftruncate(self.descriptor, whole)
        results = []
        for number, line in enumerate(data[:whole].splitlines(), start=1):
            try:
                results.append(_LINE.validate_json(line))
            except ValidationError as error:
                fault = error.errors()[0]
                place = ".".join(map(str, fault["loc"])) or "the line"
                raise InputError(
                    f"{self.path}: line {number} is no result ({place}: {fault['msg']}); remove the file to measure again"
                ) from error
        return results

    def append(self, result: Result) -> None:
        """Add a line in one write, and see it onto the disk."""
        os.write(self.descriptor, orjson.dumps(result) + b"\n")
        os.fsync(self.descriptor)


@contextmanager
def open_results(folder: Path) -> Iterator[ResultsFile]:
    """Open the results in ``folder``, which is made where it is not there.

    Raises:
        InputError: another run is at work on them.
    """
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / NAME
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o644)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise InputError(
                f"{path}: another run is writing to it; wait for it, or name another folder with --out"
            ) from error
        yield ResultsFile(path, descriptor)
    finally:
        os.close(descriptor)


def still_valid(
    results: list[Result], wanted: Mapping[Key, Provenance]
) -> tuple[dict[Key, Result], Counter[tuple[str, tuple[str, ...]]]]:
    """Pick the results that hold; count those that do not by method and by what has changed since."""
    valid: dict[Key, Result] = {}
    latest: dict[Key, Result] = {}
    for result in results:
        if result.key in wanted:
            latest[result.key] = result
            if result.provenance == wanted[result.key]:
                valid[result.key] = result
    stale = Counter(
        (key.method, wanted[key].changes_since(result.provenance)) for key, result in latest.items() if key not in valid
    )
    return valid, stale
