"""``plumbline-inspect``: what a bundle is and promises, and why samples get the verdicts they get."""

import json
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from model.boundary import command_boundary, run_command
from model.bundle import read_bundle
from model.errors import InputError
from model.output_file import refuse_taken
from model.scorer import Scorer
from model.signing.options import TrustedKeysPath, trusted_keys
from training.inspection.samples import judge_samples

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@app.command()
def inspect(
    bundle: Annotated[Path, typer.Argument(metavar="BUNDLE", help="Bundle directory: models/NAME/VERSION")],
    samples: Annotated[
        str | None, typer.Argument(metavar="SAMPLES", help="Samples to judge: a CSV, Parquet, NPZ or NPY file")
    ] = None,
    row: Annotated[
        list[int] | None, typer.Option(min=1, help="Take this row apart, counted from 1 (may be given again)")
    ] = None,
    most: Annotated[int, typer.Option(min=0, max=100, help="Take so many of the most anomalous rows apart")] = 3,
    page: Annotated[Path | None, typer.Option(help="Write a page with plots, whole in one HTML file")] = None,
    latent_map: Annotated[
        Path | None, typer.Option(metavar="FILE.png", help="Draw where SAMPLES lie in the latent space")
    ] = None,
    colour: Annotated[
        str | None,
        typer.Option(
            metavar="COLUMN",
            help="What colours the map: a column, of images label (their folder) or time (their order)",
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Write JSON instead of tables")] = False,
    trusted: TrustedKeysPath = None,
    debug: Annotated[bool, typer.Option("--debug", help="Show tracebacks")] = False,
) -> None:
    """Show a bundle's model card and promise, and take the verdicts on samples apart."""
    with command_boundary(debug=debug):
        if row and samples is None:
            raise typer.BadParameter("--row picks rows of SAMPLES, and none are given")
        if latent_map is not None and samples is None:
            raise typer.BadParameter("--latent-map draws SAMPLES, and none are given")
        if colour is not None and latent_map is None:
            raise typer.BadParameter("--colour colours the --latent-map, and none is asked for")
        for output in (page, latent_map):
            if output is not None:
                refuse_taken(output)
        verified = read_bundle(bundle, trusted_keys(trusted))
        scorer = Scorer(verified)
        scorer.check_golden()
        if latent_map is not None and samples is not None:
            from training.inspection.latent_picture import write_latent_map

            typer.echo(write_latent_map(latent_map, verified, samples, colour))
            return
        if samples is not None and verified.manifest.modality != "tabular":
            raise InputError(
                f"{bundle}: verdicts are taken apart here for rows alone, found modality '{verified.manifest.modality}'; "
                "plumbline-rescore --explain does it for windows and images"
            )
        judged = None if samples is None else judge_samples(scorer, samples, list(dict.fromkeys(row or ())), most)
        # Drawing takes seconds to import; not before the arguments are known to be good.
        from training.inspection.json_form import inspection_json
        from training.inspection.model_card import model_card
        from training.inspection.page import write_page
        from training.inspection.screen import card_screen, samples_screen

        card = model_card(verified)
        if page is not None:
            write_page(page, card, judged)
        if as_json:
            typer.echo(json.dumps(inspection_json(verified, card, judged), indent=2, allow_nan=False))
            return
        console = Console(highlight=False)
        console.print(card_screen(card))
        if judged is not None:
            console.print(samples_screen(judged, card))


def main() -> None:
    run_command(app)


if __name__ == "__main__":
    main()
