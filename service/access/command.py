"""``plumbline-keys``: make, list, revoke and check the keys of the service."""

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from pydantic import ValidationError
from rich.console import Console
from rich.table import Table

from model.boundary import command_boundary
from model.errors import InputError
from service.access.key import digest_of, new_key
from service.access.keyring import Keyring
from service.access.keys_file import KeyEntry, KeysFile, RateLimit, alone, fault_in, read_keys, write_keys
from service.access.scope import Scope

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, help=__doc__)

File = Annotated[Path, typer.Option("--file", envvar="PLUMBLINE_KEYS", help="The file of keys.")]
Name = Annotated[str, typer.Argument(help="Name of the key: letters, digits, dots, dashes and underscores.")]
Debug = Annotated[bool, typer.Option("--debug", help="Show tracebacks.")]


@app.command()
def create(
    name: Name,
    file: File,
    scope: Annotated[list[Scope], typer.Option(help="What it may do; several may be given.")],
    not_after: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d", "%Y-%m-%dT%H:%M:%SZ"], help="When it ends, in UTC.")
    ] = None,
    rate_limit: Annotated[float | None, typer.Option(help="Requests a second, in the long run.")] = None,
    burst: Annotated[int | None, typer.Option(help="Requests at once; without it, those of one second.")] = None,
    samples_per_second: Annotated[float | None, typer.Option(help="Samples a second, in the long run.")] = None,
    debug: Debug = False,
) -> None:
    """Make a key and print it, this once: the file keeps only what it can be recognised by."""
    with command_boundary(debug=debug):
        key = new_key()
        given = {"requests_per_second": rate_limit, "burst": burst, "samples_per_second": samples_per_second}
        try:
            entry = KeyEntry(
                name=name,
                sha256=digest_of(key.encode()).hex(),
                scopes=tuple(dict.fromkeys(scope)),
                created_at=datetime.now(UTC).replace(microsecond=0),
                not_after=None if not_after is None else not_after.replace(tzinfo=UTC),
                rate_limit=RateLimit(**given) if any(value is not None for value in given.values()) else None,
            )
        except ValidationError as error:
            raise InputError(fault_in(error)) from error
        with alone(file):
            keys = read_keys(file).keys if file.exists() else ()
            if any(known.name == name for known in keys):
                raise InputError(f"{file}: there is a key '{name}' already; choose another name, or revoke it first")
            write_keys(file, (*keys, entry))
        typer.echo(f"added '{name}' to {file}; keep the key, it is not shown again", err=True)
        typer.echo(key)


@app.command(name="list")
def list_keys(file: File, debug: Debug = False) -> None:
    """List the keys: their names, what they may do, and until when."""
    with command_boundary(debug=debug):
        table = Table("name", "scopes", "made", "ends", "requests/s", "at once", "samples/s", box=None)
        for entry in read_keys(file).keys:
            limit = entry.rate_limit or RateLimit()
            table.add_row(
                entry.name,
                ", ".join(entry.scopes),
                entry.created_at.astimezone(UTC).strftime("%Y-%m-%d"),
                _end(entry),
                _number(limit.requests_per_second),
                _number(limit.burst),
                _number(limit.samples_per_second),
            )
        # Other programs have no width, and shall have one line for each key.
        Console(highlight=False, width=None if sys.stdout.isatty() else 200).print(table)


@app.command()
def revoke(name: Name, file: File, debug: Debug = False) -> None:
    """Take a key out of the file; every service that reads the file refuses it within a second."""
    with command_boundary(debug=debug):
        with alone(file):
            keys = read_keys(file).keys
            kept = tuple(entry for entry in keys if entry.name != name)
            if len(kept) == len(keys):
                raise InputError(f"{file}: there is no key '{name}'")
            write_keys(file, kept)
        typer.echo(f"revoked '{name}'; {len(kept)} left", err=True)


@app.command()
def check(
    file: File,
    key: Annotated[bool, typer.Option("--key", help="Read a key from standard input, and say whose it is.")] = False,
    debug: Debug = False,
) -> None:
    """Check that the service will take the file as it is; with --key, that it will take a key."""
    with command_boundary(debug=debug):
        if key:
            presented = typer.get_text_stream("stdin").readline().strip().encode()
            typer.echo(_whose(read_keys(file), presented))
        else:
            count = len(read_keys(file).keys)
            typer.echo(f"{file}: {count} key{'s' * (count != 1)}")


def _whose(file: KeysFile, key: bytes) -> str:
    found = Keyring(file).find(key)
    if found is None:
        raise InputError("the key is none of this file")
    if datetime.now(UTC).timestamp() >= found.not_after:
        raise InputError(f"the key '{found.name}' has expired")
    return f"{found.name}: {', '.join(sorted(found.scopes))}"


def _end(entry: KeyEntry) -> str:
    if entry.not_after is None:
        return "never"
    ended = "" if entry.not_after > datetime.now(UTC) else " (has ended)"
    return entry.not_after.astimezone(UTC).strftime("%Y-%m-%d %H:%M") + ended


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:g}"


def main() -> None:
    app()


if __name__ == "__main__":
    main()
