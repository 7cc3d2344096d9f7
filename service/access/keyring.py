"""The keys in force, and the search for the one that was presented."""

import math
from hmac import compare_digest

from service.access.admitted import Admitted
from service.access.key import MOST_BYTES, digest_of
from service.access.keys_file import KeyEntry, KeysFile
from service.access.rate import Rate, rate_of
from service.access.scope import Scope


class Keyring:
    """Keys by their digests. ``default`` is the rate of those that name none."""

    def __init__(self, file: KeysFile, default: Rate | None = None) -> None:
        self._keys = [(bytes.fromhex(entry.sha256), _admitted(entry, default)) for entry in file.keys]

    def __len__(self) -> int:
        return len(self._keys)

    def find(self, presented: bytes) -> Admitted | None:
        """Give what a key opens; None if it is none of ours.

        Every key is compared whole: how long this takes says nothing of how near the guess was, or to which.
        """
        if len(presented) > MOST_BYTES:
            return None
        digest = digest_of(presented)
        found = [admitted for known, admitted in self._keys if compare_digest(known, digest)]
        return found[0] if found else None


def _admitted(entry: KeyEntry, default: Rate | None) -> Admitted:
    limit = entry.rate_limit
    requests = rate_of(limit.requests_per_second, limit.burst) if limit is not None else None
    samples = rate_of(limit.samples_per_second) if limit is not None else None
    scopes = frozenset(Scope) if Scope.ADMIN in entry.scopes else frozenset(entry.scopes)
    return Admitted(
        entry.name,
        scopes,
        math.inf if entry.not_after is None else entry.not_after.timestamp(),
        int(entry.sha256[:16], 16) or 1,
        requests or default,
        samples,
    )
