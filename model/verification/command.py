"""``plumbline-verify``: is this bundle whole, does it answer here as it must, and does its promise follow?"""

import json
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from model.boundary import EXIT_GATE, command_boundary, run_command
from model.signing.options import TrustedKeysPath, trusted_keys
from model.verification.screen import verification_json, verification_screen
from model.verification.verify import verify_bundle

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@app.command()
def verify(
    bundles: Annotated[list[Path], typer.Argument(metavar="BUNDLE", help="Bundle directories: models/NAME/VERSION")],
    trusted: TrustedKeysPath = None,
    as_json: Annotated[bool, typer.Option("--json", help="Write JSON instead of tables")] = False,
    debug: Annotated[bool, typer.Option("--debug", help="Show tracebacks")] = False,
) -> None:
    """Verify bundles: signature, digests, format, golden samples, batches, parity of the graphs, the threshold's promise.

    Exit codes: 0 all passed, 2 no bundle there, 3 a check failed.
    """
    with command_boundary(debug=debug):
        keys = trusted_keys(trusted)
        found = [verify_bundle(path, keys) for path in bundles]
        if as_json:
            typer.echo(json.dumps([verification_json(one) for one in found], indent=2, ensure_ascii=True))
        else:
            console = Console(highlight=False)
            for number, one in enumerate(found):
                console.print(*[""] * bool(number), verification_screen(one), sep="\n")
        if not all(one.passed for one in found):
            raise typer.Exit(EXIT_GATE)


def main() -> None:
    run_command(app)


if __name__ == "__main__":
    main()
