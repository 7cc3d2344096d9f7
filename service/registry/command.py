"""``plumbline-models``: which versions there are, which serves, and which is to."""

import json
import os
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from model.boundary import command_boundary, run_command
from model.errors import InputError
from model.inference import best_provider
from model.signing.options import TrustedKeysPath, trusted_keys
from service.registry.at_rest import ModelsAtRest
from service.registry.decisions import Decisions
from service.registry.loading import Loader
from service.registry.roots import cache_of, open_root
from service.registry.running import RunningService
from service.registry.screen import screen

KEY = "PLUMBLINE_API_KEY"

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


class Action(StrEnum):
    """What can be asked."""

    LIST = "list"
    VERSIONS = "versions"
    PIN = "pin"
    UNPIN = "unpin"
    ROLLBACK = "rollback"
    SHADOW = "shadow"
    UNSHADOW = "unshadow"
    COMPARE = "compare"


OF_A_VERSION = (Action.PIN, Action.SHADOW)


@app.command()
def models(
    action: Annotated[Action, typer.Argument(metavar="ACTION", help=", ".join(Action))],
    name: Annotated[str | None, typer.Argument(metavar="MODEL", help="Its name; for all but list")] = None,
    version: Annotated[
        int | None, typer.Argument(metavar="VERSION", min=1, help="Its number; for pin and shadow")
    ] = None,
    url: Annotated[
        str | None, typer.Option(help=f"Ask a running service, with the key in {KEY} if it needs one")
    ] = None,
    directory: Annotated[
        str | None,
        typer.Option(
            "--models", help="Do without a service, on its directory of models or object store", show_default="models"
        ),
    ] = None,
    state: Annotated[
        Path | None, typer.Option(envvar="PLUMBLINE_STATE", help="Where decisions are kept, if not beside the models")
    ] = None,
    trusted: TrustedKeysPath = None,
    as_json: Annotated[bool, typer.Option("--json", help="Write JSON instead of a table")] = False,
    debug: Annotated[bool, typer.Option("--debug", help="Show tracebacks")] = False,
) -> None:
    """List models and their versions, hold a model at a version, go back to the one before, or try one out in silence.

    list: what is served of each model. versions: which there are of one, and which were refused. pin: serve a version and hold
    it, whatever comes. unpin: serve the highest good version again. rollback: serve the version before, and hold it. shadow:
    have a version score beside the one that serves, which is held. compare: what the shadow has found. unshadow: end it.

    A version is checked before any of this. What is decided on a directory, a service that runs on it follows within seconds.
    """
    with command_boundary(debug=debug):
        if url is not None and directory is not None:
            raise InputError("expected --url or --models, found both")
        if url is not None:
            answer = _asked(RunningService(url, os.environ.get(KEY)), action, name, version)
        else:
            with cache_of(directory or "models", None) as cache:
                root = open_root(directory or "models", cache)
                loader = Loader(best_provider(), trusted_keys(trusted))
                answer = _asked(ModelsAtRest(root, Decisions(state or root.decisions), loader), action, name, version)
        if as_json:
            typer.echo(json.dumps(answer, indent=2))
        else:
            Console(highlight=False).print(screen(answer))


def _asked(
    place: RunningService | ModelsAtRest, action: Action, name: str | None, version: int | None
) -> Mapping[str, Any]:
    if (name is None) != (action is Action.LIST):
        raise InputError(f"{action}: expected {'no' if action is Action.LIST else 'the name of a'} MODEL")
    if (version is None) != (action not in OF_A_VERSION):
        raise InputError(f"{action}: expected {'the number of a' if action in OF_A_VERSION else 'no'} VERSION")
    if name is None:
        return place.models()
    if version is not None:
        return place.pin(name, version) if action is Action.PIN else place.begin_shadow(name, version)
    match action:
        case Action.UNPIN:
            return place.unpin(name)
        case Action.ROLLBACK:
            return place.roll_back(name)
        case Action.UNSHADOW:
            return place.end_shadow(name)
        case Action.COMPARE:
            return place.shadow(name)
    return place.versions(name)


def main() -> None:
    run_command(app)


if __name__ == "__main__":
    main()
