"""Untrusted text inside a message: what a file says of itself must not write lines, or escape codes, into a log."""

import reprlib
import unicodedata
from collections.abc import Sequence

_SHORT = reprlib.Repr()
_SHORT.maxstring = _SHORT.maxother = _SHORT.maxlong = 160
_SHORT.maxdict = _SHORT.maxlist = _SHORT.maxlevel = 2


def quoted(found: object) -> str:
    """Show ``found`` as a Python literal: one line, printable, at most a few hundred characters."""
    return _SHORT.repr(found)


def quoted_list(names: Sequence[str], most: int = 10) -> str:
    """Show the first ``most`` of ``names``, and how many more there are."""
    shown = ", ".join(quoted(name) for name in names[:most])
    return f"{shown} and {len(names) - most} more" if len(names) > most else shown


def printable(text: str) -> str:
    """Show ``text`` as it is but for what would steer a terminal or turn its line round: that is shown as escapes."""
    return "".join(
        letter if letter.isprintable() or unicodedata.category(letter) == "Zs" else repr(letter)[1:-1]
        for letter in text
    )
