"""The edge of every command: errors become one sentence and an exit code; tracebacks only when asked for.

Exit codes: 0 done, 1 our fault or the machine's, 2 wrong usage or input, 3 a gate failed, 130 interrupted.
"""

import os
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

import typer
from typer.exceptions import TyperException

from model.errors import BundleGoldenError, GateError, PlumblineError

EXIT_FAULT, EXIT_INPUT, EXIT_GATE, EXIT_INTERRUPTED = 1, 2, 3, 130


@contextmanager
def command_boundary(*, debug: bool) -> Iterator[None]:
    """Run a command's body, turning what it raises into a sentence on stderr and an exit code."""
    try:
        yield
    except (typer.Exit, TyperException):
        raise
    except KeyboardInterrupt as interrupt:
        _leave("; ".join(["interrupted", *map(str, interrupt.args)]), EXIT_INTERRUPTED, debug=debug)
    except (GateError, BundleGoldenError) as error:
        _leave(f"error: {error}", EXIT_GATE, debug=debug)
    except PlumblineError as error:
        _leave(f"error: {error}", EXIT_INPUT, debug=debug)
    except OSError as error:
        _leave(f"error: {error}", EXIT_FAULT, debug=debug)
    except Exception as error:  # noqa: BLE001  the one place where whatever went wrong has to become an exit code
        advice = "" if debug else "; run again with --debug for the traceback"
        _leave(f"error: unexpected {type(error).__name__}: {error}{advice}", EXIT_FAULT, debug=debug)


def run_command(command: typer.Typer) -> NoReturn:
    """Run a command and end the process with its exit code.

    The interpreter is not wound down: Arrow's reader threads may still hold the callback that hears of bad CSV records,
    and letting go of it while the interpreter goes away aborts the process.
    """
    try:
        command()
        code = 0
    except SystemExit as left:
        if isinstance(left.code, str):
            sys.stderr.write(f"{left.code}\n")
        code = left.code if isinstance(left.code, int) else int(left.code is not None)
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def _leave(sentence: str, code: int, *, debug: bool) -> NoReturn:
    if debug:
        traceback.print_exc()
    sys.stderr.write(f"{sentence}\n")
    raise typer.Exit(code)
