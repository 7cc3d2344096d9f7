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

from service.errors import DeadlineError
from service.hot_path.wait import Place, check_wait

Made = TypeVar("Made")


class Jobs:
    """So many ``threads`` and who waits for them; who would wait for more than ``patience`` seconds is sent away."""

    def __init__(self, threads: int, patience: float) -> None:
        self._executor = ThreadPoolExecutor(threads)
        self._patience = patience
        self._waiting: OrderedDict[int, Place] = OrderedDict()  # in the order they came
        self._begun = 0
        self._turn = Lock()  # of whoever looks at them: threads take from them what they begin
        self._numbers = count()

    def admit(self, deadline: float = inf) -> None:
        """Let a request in, or not.

        Raises:
            OverloadedError: it would wait for too long, or not be served before ``deadline``.
        """
        with self._turn:
            first, length, begun = next(iter(self._waiting.values()), None), len(self._waiting), self._begun
        if first is not None:
            check_wait(first, begun, length, self._patience, deadline)

    async def do(self, work: Callable[[], Made], deadline: float) -> Made:
        """Do ``work`` in a thread, unless ``deadline``, a time of ``perf_counter``, passes before its turn.

        Raises:
            OverloadedError: as ``admit`` has it.
            DeadlineError: its turn came too late.
        """
        self.admit(deadline)
        number = next(self._numbers)
        with self._turn:
            self._waiting[number] = Place(perf_counter(), self._begun)

        def begin() -> Made:
            with self._turn:
                self._begun += self._waiting.pop(number, None) is not None
            if perf_counter() > deadline:
                raise DeadlineError("the time that the request allows for had passed before its turn")
            return work()

        try:
            return await asyncio.get_running_loop().run_in_executor(self._executor, begin)
        finally:
            with self._turn:  # of whoever gave up, which says nothing of how fast the line moves
                self._waiting.pop(number, None)
