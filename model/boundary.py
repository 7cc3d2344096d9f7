"""The edge of every command: errors become one sentence and an exit code; tracebacks only when asked for.

Exit codes: 0 done, 1 our fault or the machine's, 2 wrong usage or input, 3 a gate failed.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

import typer
from typer.exceptions import TyperException

from model.errors import BundleGoldenError, GateError, PlumblineError

EXIT_FAULT, EXIT_INPUT, EXIT_GATE, EXIT_INTERRUPTED = 1, 2, 3, 130


@contextmanager
def command_boundary(*, debug: bool) -> Iterator[None]:
    """Run a command's body, turning what it raises into a sentence on stderr and an exit code."""
    try:
        yield
    except KeyboardInterrupt:
        _leave("interrupted", EXIT_INTERRUPTED)
    except (GateError, BundleGoldenError) as error:
        _leave_or_raise(error, EXIT_GATE, debug=debug)
    except PlumblineError as error:
        _leave_or_raise(error, EXIT_INPUT, debug=debug)
    except OSError as error:
        _leave_or_raise(error, EXIT_FAULT, debug=debug)
    except (typer.Exit, TyperException):
        raise
    except Exception as error:
        if debug:
            raise
        _leave(f"unexpected {type(error).__name__}: {error}; run again with --debug for the traceback", EXIT_FAULT)


def _leave_or_raise(error: Exception, code: int, *, debug: bool) -> None:
    if debug:
        raise error
    _leave(str(error), code)


def _leave(sentence: str, code: int) -> None:
    sys.stderr.write(f"error: {sentence}\n" if code != EXIT_INTERRUPTED else f"{sentence}\n")
    raise typer.Exit(code)
