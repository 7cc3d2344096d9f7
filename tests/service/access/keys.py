"""Files of keys for tests."""

from datetime import UTC, datetime
from pathlib import Path

from service.access.key import digest_of, new_key
from service.access.keys_file import KeyEntry, RateLimit, read_keys, write_keys
from service.access.scope import Scope

EVERY = tuple(Scope)


def add_key(
    path: Path,
    name: str = "line-3",
    scopes: tuple[Scope, ...] = (Scope.SCORE,),
    not_after: datetime | None = None,
    rate_limit: RateLimit | None = None,
) -> str:
    """Add a key to the file ``path`` and give it."""
    key = new_key()
    entry = KeyEntry(
        name=name,
        sha256=digest_of(key.encode()).hex(),
        scopes=scopes,
        created_at=datetime.now(UTC),
        not_after=not_after,
        rate_limit=rate_limit,
    )
    write_keys(path, (*(read_keys(path).keys if path.exists() else ()), entry))
    return key


def bearer(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}
