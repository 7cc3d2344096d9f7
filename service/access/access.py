"""Who may do what, and how often: one question for each request, asked before anything else is done with it."""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b
from ipaddress import IPv6Address
from math import ceil
from time import time

from service.access.admitted import ANYBODY, Admitted
from service.access.arrivals import Arrivals
from service.access.keyring import Keyring
from service.access.rate import Rate
from service.access.scope import HEALTH, METRICS, needed_scope
from service.access.watched_keys import WatchedKeys
from service.errors import AccessError, ForbiddenError, RateLimitedError, UnauthenticatedError
from service.metrics import Metrics

Headers = Sequence[tuple[bytes, bytes]]

_BEARER = b"bearer "
_NETWORK_BITS = 64  # of an IPv6 address; the rest is the client's own choice


@dataclass(frozen=True)
class Protected:
    """What takes a key with ``read`` beside the API itself, where there are keys."""

    health: bool = False
    metrics: bool = True


class Access:
    """Lets requests in, or not. Without ``keys`` everybody may do everything, each address at ``rate``."""

    def __init__(
        self,
        metrics: Metrics,
        keys: WatchedKeys | None = None,
        protected: Protected | None = None,
        rate: Rate | None = None,
        arrivals: Arrivals | None = None,
    ) -> None:
        self._metrics, self._keys, self._rate = metrics, keys, rate
        self._protected = protected or Protected()
        self._arrivals = arrivals or Arrivals()
        self._is_open = keys is None and rate is None

    def admit(self, method: str, path: str, headers: Headers, client: str | None) -> Admitted:
        """Let a request in. ``path`` is decoded, names of ``headers`` are in lower case, ``client`` is an address.

        Raises:
            UnauthenticatedError: it has no key, or none that is known and in force.
            ForbiddenError: its key is for other things.
            RateLimitedError: it comes too soon.
        """
        if self._is_open:
            return ANYBODY
        try:
            return self._admit(method, path, headers, client)
        except AccessError as error:
            self._metrics.observe_refused_request(error.reason)
            raise

    def spend(self, admitted: Admitted, samples: int) -> None:
        """Count samples that were judged for a request."""
        if admitted.samples is not None:
            self._arrivals.spend(admitted.who, admitted.samples, samples)

    def _admit(self, method: str, path: str, headers: Headers, client: str | None) -> Admitted:
        keys = (
            None if self._keys is None else self._keys.now()
        )  # probes have the file looked at, too: who watches learns of a fault
        if self._is_unguarded(path):
            return ANYBODY
        if keys is None:
            admitted = _anonymous(client, self._rate)
        else:
            admitted = _identified(presented_key(headers), keys)
            needed = needed_scope(method, path)
            if needed not in admitted.scopes:
                scopes = ", ".join(f"'{scope}'" for scope in sorted(admitted.scopes))
                raise ForbiddenError(
                    f"{method} takes a key with the scope '{needed}' here, this one has {scopes}",
                    {"needed": needed},
                    key=admitted.name,
                )
        if admitted.requests is not None or admitted.samples is not None:
            wait = self._arrivals.arrive(admitted.who, admitted.requests, admitted.samples)
            if wait > 0.0:
                raise RateLimitedError(ceil(wait), key=admitted.name)
        return admitted

    def _is_unguarded(self, path: str) -> bool:
        is_protected = self._keys is not None and (
            self._protected.metrics if path == METRICS else self._protected.health
        )
        return not is_protected and (path == METRICS or path.startswith(HEALTH))


def _identified(presented: bytes | None, keys: Keyring) -> Admitted:
    if presented is None:
        raise UnauthenticatedError(
            "a key is needed: send it as 'Authorization: Bearer KEY' or 'X-API-Key: KEY'", reason="no_key"
        )
    admitted = keys.find(presented)
    if admitted is None:
        raise UnauthenticatedError("the key is none that this service knows", reason="unknown_key")
    if time() >= admitted.not_after:
        raise UnauthenticatedError("the key has expired", key=admitted.name, reason="expired_key")
    return admitted


def presented_key(headers: Headers) -> bytes | None:
    """Find the key that a request brings.

    Raises:
        UnauthenticatedError: it brings several.
    """
    found = None
    for name, value in headers:
        if name == b"authorization":
            if value[: len(_BEARER)].lower() != _BEARER:
                continue
            value = value[len(_BEARER) :]
        elif name != b"x-api-key":
            continue
        if found is not None:
            raise UnauthenticatedError("one key is needed, found several", reason="several_keys")
        found = value.strip()
    return found or None


def _anonymous(client: str | None, rate: Rate | None) -> Admitted:
    """Tell clients without keys apart by their addresses."""
    place = client or ""
    if ":" in place:
        address = IPv6Address(place)
        place = str(address.ipv4_mapped or int(address) >> _NETWORK_BITS)
    who = int.from_bytes(blake2b(place.encode(), digest_size=8).digest()) or 1
    return Admitted(who=who, requests=rate)
