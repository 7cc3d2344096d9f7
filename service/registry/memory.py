"""The memory that models take, kept within a bound: what was not used for longest makes room, and is loaded when asked for."""

import ctypes
import gc
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from threading import Lock
from weakref import WeakSet

from model.errors import BundleError
from model.manifest import Manifest
from service.errors import NotReadyError
from service.registry.journal import Journal
from service.registry.slot import Loaded, Slot

# Measured on bundles of 0.1 to 4 MiB of rows, windows and images, after they had scored and explained: what a version's
# sessions take, and how many times its files' length their graphs do.
SESSIONS_BYTES = 1_310_720
TIMES_FILES = 5


class ModelMemory:
    """Keeps what all versions hold within ``bound`` bytes, as far as can be estimated; None: all stay loaded.

    The version that was loaded last stays, however large it is. Thread-safe.
    """

    def __init__(self, bound: int | None = None, journal: Journal | None = None) -> None:
        self._bound = sys.maxsize if bound is None else bound
        self._journal = journal or Journal()
        self._slots: WeakSet[Slot] = WeakSet()  # a version that serves no more takes its slot along
        self._lock = Lock()
        self._has_emptied = False

    def hold(self, manifest: Manifest, loaded: Loaded, folder: Path, read: Callable[[], Loaded]) -> Slot:
        """Take in what a version of ``folder`` works with; ``read`` gives it once more when it had to make room."""
        slot = Slot(manifest, loaded, estimate(folder), partial(self._load, read))
        self._make_room(slot)
        return slot

    def take_emptied(self) -> bool:
        """Say whether any slot was emptied since this was last asked."""
        with self._lock:
            has_emptied, self._has_emptied = self._has_emptied, False
            return has_emptied

    def _load(self, read: Callable[[], Loaded], slot: Slot) -> Loaded:
        name, version = slot.manifest.name, slot.manifest.version
        try:
            loaded = read()
        except (BundleError, OSError) as error:
            self._journal.not_reloaded(slot.manifest, str(error))
            raise NotReadyError(
                f"version {version} of model '{name}' had made room for others and cannot be loaded again: {error}"
            ) from error
        self._journal.reloaded(slot.manifest)
        self._make_room(slot)
        return loaded

    def _make_room(self, newest: Slot) -> None:
        with self._lock:
            self._slots.add(newest)
            others = sorted((slot for slot in self._slots if slot.is_loaded and slot is not newest), key=_last_use)
            total = newest.size + sum(slot.size for slot in others)
            for slot in others:
                if total <= self._bound:
                    break
                slot.empty()
                total -= slot.size
                self._has_emptied = True
                self._journal.unloaded(slot.manifest)


def estimate(folder: Path) -> int:
    """Estimate the bytes of memory that the bundle in ``folder`` will take."""
    return SESSIONS_BYTES + TIMES_FILES * sum(file.stat().st_size for file in folder.iterdir() if file.is_file())


def give_back() -> None:
    """Give the system what versions held that are gone.

    Futures that have ended hold on to what they brought, a version among it, until someone looks for garbage; and the C
    library keeps what was freed, tens of MiB after some versions, until it is asked for it.
    """
    gc.collect()
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # of glibc; others give back by themselves
    if trim is not None:
        trim(0)


def _last_use(slot: Slot) -> float:
    return slot.used
