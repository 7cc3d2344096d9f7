"""Many samples, few at a time."""

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from plumbline_client.calls import Id
from plumbline_client.errors import TooLargeError
from plumbline_client.samples import Array, Sample, Samples


@dataclass(frozen=True)
class Batch:
    """Samples that travel together, and their ids where they have any."""

    samples: Samples
    ids: Sequence[Id] | None

    def __len__(self) -> int:
        return len(self.samples)

    def parts(self, size: int) -> "Iterator[Batch]":
        for at in range(0, len(self), size):
            part = slice(at, at + size)
            yield Batch(self.samples[part], None if self.ids is None else self.ids[part])


class Batches:
    """Takes samples from an iterable, no sooner than they are asked for; slices of an array stay arrays.

    Raises:
        ValueError: there are not as many ids as samples.
    """

    def __init__(self, samples: Iterable[Sample] | Array, ids: Iterable[Id] | None, size: int) -> None:
        if size < 1:
            raise ValueError(f"a batch holds at least one sample, found {size}")
        self._size = size
        self._samples = samples if isinstance(samples, Array) else iter(samples)
        self._taken = 0
        self._ids = None if ids is None else iter(ids)
        self._split: deque[Batch] = deque()

    def __iter__(self) -> Iterator[Batch]:
        return self

    def __next__(self) -> Batch:
        if self._split:
            batch, *more = self._split.popleft().parts(self._size)
            self._split.extendleft(reversed(more))
            return batch
        samples = self._next_samples()
        ids = None if self._ids is None else [*islice(self._ids, len(samples) or 1)]
        if ids is not None and len(ids) != len(samples):
            raise ValueError(f"expected one id for each sample, found {'more' if not len(samples) else 'fewer'}")
        if not len(samples):
            raise StopIteration
        return Batch(samples, ids)

    def split(self, batch: Batch, error: TooLargeError) -> None:
        """Hand out ``batch`` again in parts that the service may take, and what comes after it in such as well.

        Raises:
            TooLargeError: the batch is a single sample.
        """
        if len(batch) == 1:
            raise error
        most = error.details.get("max_samples")
        size = most if isinstance(most, int) and 0 < most < len(batch) else len(batch) // 2
        self._size = min(self._size, size)
        self._split.appendleft(batch)

    def _next_samples(self) -> Samples:
        if isinstance(self._samples, Array):
            self._taken += self._size
            part: Array = self._samples[self._taken - self._size : self._taken]
            return part
        return [*islice(self._samples, self._size)]
