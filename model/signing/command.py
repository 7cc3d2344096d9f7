"""``plumbline-sign``: make a key, sign bundles with it, see who signed."""

from pathlib import Path
from typing import Annotated

import typer

from model.boundary import command_boundary, run_command
from model.bundle import MANIFEST
from model.errors import InputError
from model.output_file import refuse_taken, write_whole
from model.signing.check import read_signature
from model.signing.options import SigningKeyFile, key_password, signing_key

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, no_args_is_help=True)

Debug = Annotated[bool, typer.Option("--debug", help="Show tracebacks")]


@app.callback()
def plumbline_sign() -> None:
    """Sign bundles, so that who holds the public key can tell that they are yours and unchanged."""


@app.command()
def keygen(
    file: Annotated[Path, typer.Argument(metavar="FILE.pem", help="Where the private key goes")],
    debug: Debug = False,
) -> None:
    """Make a key: FILE.pem signs and stays where bundles are made, FILE.pub.pem goes to whoever reads them.

    With PLUMBLINE_SIGNING_KEY_PASSWORD set, the private key is encrypted.
    """
    with command_boundary(debug=debug):
        if file.suffix != ".pem":
            raise InputError(f"{file}: expected a name that ends in .pem")
        public = file.with_suffix(".pub.pem")
        for target in (file, public):
            refuse_taken(target)
        from model.signing.public_key import public_pem
        from model.signing.signing_key import new_signing_key

        key = new_signing_key()
        write_whole(file, key.to_pem(key_password()), 0o600)
        write_whole(public, public_pem(key.public))
        typer.echo(f"{key.key_id}: {file} signs, {public} is for those who read")


@app.command()
def sign(
    bundles: Annotated[list[Path], typer.Argument(metavar="BUNDLE", help="Bundle directories: models/NAME/VERSION")],
    key_file: SigningKeyFile = None,
    replace: Annotated[bool, typer.Option("--replace", help="Put the signature in another one's place")] = False,
    debug: Debug = False,
) -> None:
    """Sign bundles that are there, each after every check that a reader makes; nothing else of them changes."""
    with command_boundary(debug=debug):
        key = signing_key(key_file)
        if key is None:
            raise InputError("expected --signing-key FILE or PLUMBLINE_SIGNING_KEY: the key that signs")
        from model.signing.add_signature import add_signature

        for bundle in bundles:
            digest = add_signature(bundle, key, replace=replace)
            typer.echo(f"{bundle}: digest {digest} signed by key {key.key_id}")


@app.command()
def show(
    paths: Annotated[
        list[Path], typer.Argument(metavar="PATH", help="Bundle directories; public keys as PEM files or a directory")
    ],
    debug: Debug = False,
) -> None:
    """Show the ids of keys, and of the keys that bundles say they are signed by; plumbline-verify checks that."""
    with command_boundary(debug=debug):
        from model.signing.trusted_keys import read_trusted_keys

        for path in paths:
            if (path / MANIFEST).exists():
                signature = read_signature(path)
                told = "not signed" if signature is None else f"says it is signed by key {signature.key_id}"
                typer.echo(f"{path}: {told}")
            else:
                for key_id in read_trusted_keys(path).keys:
                    typer.echo(f"{path}: key {key_id}")


def main() -> None:
    run_command(app)


if __name__ == "__main__":
    main()
