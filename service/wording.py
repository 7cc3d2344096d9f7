"""What clients sent, quoted in our sentences: always bounded, whatever it was."""

from collections.abc import Sequence

import orjson

NAMES = 10
CHARACTERS = 40


def listed(names: Sequence[str]) -> str:
    """Quote names, the first few of many."""
    more = f" and {len(names) - NAMES:,} more" if len(names) > NAMES else ""
    return ", ".join(f"'{_clipped(name)}'" for name in names[:NAMES]) + more


def shown(value: object) -> str:
    """Describe a JSON value: what it is, or a short text of it."""
    if isinstance(value, list):
        return "an array"
    if isinstance(value, dict):
        return "an object"
    return _clipped(orjson.dumps(value).decode())


def _clipped(text: str) -> str:
    return text if len(text) <= CHARACTERS else f"{text[:CHARACTERS]}..."
