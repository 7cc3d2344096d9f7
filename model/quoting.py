"""Untrusted text inside a message: what a file says of itself must not write lines, or escape codes, into a log."""

import reprlib

_SHORT = reprlib.Repr()
_SHORT.maxstring = _SHORT.maxother = _SHORT.maxlong = 160
_SHORT.maxdict = _SHORT.maxlist = _SHORT.maxlevel = 2


def quoted(found: object) -> str:
    """Show ``found`` as a Python literal: one line, printable, at most a few hundred characters."""
    return _SHORT.repr(found)
