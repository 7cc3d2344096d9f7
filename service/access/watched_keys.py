"""The keys in force, read again whenever their file has changed: keys come and go without a restart."""

import logging
from pathlib import Path
from time import monotonic

from model.errors import InputError
from service.access.file_version import version_of
from service.access.keyring import Keyring
from service.access.keys_file import read_keys
from service.access.rate import Rate
from service.metrics import Metrics

SECONDS = 1.0  # between two looks at the file

log = logging.getLogger("plumbline.access")


class WatchedKeys:
    """The keys of ``path``, at most a second old. A file that cannot be taken changes nothing.

    Raises:
        InputError: it cannot be taken from the start.
    """

    def __init__(self, path: Path, default: Rate | None, metrics: Metrics) -> None:
        self._path, self._default, self._metrics = path, default, metrics
        self._seen = version_of(path)  # before the file is read: a change in between is seen later
        self._keys = Keyring(read_keys(path), default)
        self._look_at = monotonic() + SECONDS

    def now(self) -> Keyring:
        """Give the keys in force."""
        now = monotonic()
        if now >= self._look_at:
            self._look_at = now + SECONDS
            self._look()
        return self._keys

    def _look(self) -> None:
        version = version_of(self._path)
        if version == self._seen:
            return
        self._seen = version
        try:
            self._keys = Keyring(read_keys(self._path), self._default)
        except InputError as error:
            self._metrics.describe_keys(is_taken=False)
            log.error("keys kept as they were", extra={"fields": {"reason": str(error)}})  # noqa: TRY400 - it says it all
        else:
            self._metrics.describe_keys(is_taken=True)
            log.info("keys read", extra={"fields": {"keys": len(self._keys)}})
