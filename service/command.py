"""``plumbline-serve``: score samples over HTTP."""

from typing import Annotated

import typer

from model.boundary import command_boundary
from service.server import serve
from service.settings import read_settings


def main() -> None:
    """Run the command."""
    command = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
    command.command()(plumbline_serve)
    command()


def plumbline_serve(
    models: Annotated[
        str | None,
        typer.Option(
            help="Directory of models as NAME/VERSION/, or such a place in an object store.", show_default="models"
        ),
    ] = None,
    host: Annotated[str | None, typer.Option(help="Address to listen on.", show_default="127.0.0.1")] = None,
    port: Annotated[
        int | None, typer.Option(help="Port to listen on; 0 takes a free one.", show_default="8000")
    ] = None,
    workers: Annotated[int | None, typer.Option(help="Number of processes.", show_default="1")] = None,
    default_model: Annotated[
        str | None, typer.Option(help="The model that POST /score means.", show_default="the only one")
    ] = None,
    debug: Annotated[bool, typer.Option("--debug", help="Show tracebacks.")] = False,
) -> None:
    """Serve models over HTTP. Each flag overrides the environment variable PLUMBLINE_<FLAG>."""
    with command_boundary(debug=debug):
        flags = {"models": models, "host": host, "port": port, "workers": workers, "default_model": default_model}
        serve(read_settings(flags))
