"""Work that takes long, done by threads: a bounded number at a time, and nothing that comes too late."""

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from math import inf
from threading import Lock
from time import perf_counter
from typing import TypeVar

from service.errors import DeadlineError, OverloadedError

Made = TypeVar("Made")


class Jobs:
    """So many ``threads`` and who waits for them; once the first has waited ``patience`` seconds, others are sent away."""

    def __init__(self, threads: int, patience: float) -> None:
        self._executor = ThreadPoolExecutor(threads)
        self._patience = patience
        self._waiting: OrderedDict[int, float] = OrderedDict()  # since when, in the order they came
        self._turn = Lock()  # of whoever looks at them: threads take from them what they begin
        self._numbers = count()

    def admit(self) -> None:
        """Let a request in, or not.

        Raises:
            OverloadedError: the first who waits has done so for too long.
        """
        with self._turn:
            since = next(iter(self._waiting.values()), inf)
        if perf_counter() - since > self._patience:
            raise OverloadedError(f"requests have waited for more than {self._patience:g} s; try again")

    async def do(self, work: Callable[[], Made], deadline: float) -> Made:
        """Do ``work`` in a thread, unless ``deadline``, a time of ``perf_counter``, passes before its turn.

        Raises:
            OverloadedError: too many wait already.
            DeadlineError: its turn came too late.
        """
        self.admit()
        number = next(self._numbers)
        with self._turn:
            self._waiting[number] = perf_counter()

        def begin() -> Made:
            self._left(number)
            if perf_counter() > deadline:
                raise DeadlineError("the time that the request allows for had passed before its turn")
            return work()

        try:
            return await asyncio.get_running_loop().run_in_executor(self._executor, begin)
        finally:
            self._left(number)

    def _left(self, number: int) -> None:
        with self._turn:
            self._waiting.pop(number, None)
