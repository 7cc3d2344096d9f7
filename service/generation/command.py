"""``plumbline-generate``: samples out of a bundle's latent, into a file."""

from pathlib import Path
from typing import Annotated

import typer

from model.boundary import command_boundary, run_command
from model.bundle import read_bundle
from model.errors import InputError
from model.generator import MAX_SEED, Generated, Generator, Origin, outside_words
from model.output_file import refuse_taken, write_whole
from model.signing.options import TrustedKeysPath, trusted_keys
from service.generation.ends import read_ends
from service.generation.sample_files import check_target, sample_file

MOST_VALUES = 20_000_000  # in one file; they are held in memory

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@app.command()
def plumbline_generate(
    bundle: Annotated[Path, typer.Argument(metavar="BUNDLE", help="Bundle directory: models/NAME/VERSION")],
    out: Annotated[
        Path, typer.Option(metavar="FILE", help="Where samples go: .csv, .parquet or .npz, for images .png or .npz")
    ],
    n: Annotated[int, typer.Option("--n", min=1, help="How many samples to draw")] = 16,
    seed: Annotated[int, typer.Option(min=0, max=MAX_SEED, help="The same seed draws the same samples")] = 0,
    origin: Annotated[
        Origin, typer.Option("--from", help="Draw from the prior, or from where clean samples lie in the latent")
    ] = "prior",
    between: Annotated[
        list[str] | None,
        typer.Option(
            metavar="FILE",
            help="Draw nothing: go from the first of the two samples in FILE to the second (or give two files)",
        ),
    ] = None,
    steps: Annotated[int, typer.Option(min=2, help="In how many samples to go, both ends included")] = 9,
    trusted: TrustedKeysPath = None,
    debug: Annotated[bool, typer.Option("--debug", help="Show tracebacks")] = False,
) -> None:
    """Draw samples from a detector's latent space, or walk between two through it, in engineering units."""
    with command_boundary(debug=debug):
        refuse_taken(out)
        opened = read_bundle(bundle, trusted_keys(trusted))
        check_target(out, opened.manifest.modality)
        generator = Generator(opened)
        asked = n if between is None else steps
        most = MOST_VALUES // generator.form.size
        if asked > most:
            raise InputError(
                f"{asked:,} samples are asked for; a file may hold {most:,} of {generator.form.size:,} values"
            )
        if between is None:
            generated = generator.draw(n, seed, origin)
        else:
            start, end = read_ends(between, opened.manifest)
            generated = generator.between(start, end, steps)
        write_whole(out, sample_file(out, generated.samples, opened.manifest))
        typer.echo(f"{out}: {_told(generated, generator)}")


def _told(generated: Generated, generator: Generator) -> str:
    shape = " x ".join(map(str, generator.form.shape))
    of = f"{len(generator.spec)} features" if len(generator.form.shape) == 1 else shape
    return f"{len(generated.samples):,} samples of {of}; {outside_words(generated, generator.spec)}"


def main() -> None:
    run_command(app)
