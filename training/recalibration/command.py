"""``plumbline-calibrate``: a bundle and clean data, or another rate, in; its next version out, without training."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from model.boundary import command_boundary, run_command
from model.signing.options import SigningKeyFile, TrustedKeysPath, signing_key, trusted_keys
from model.threshold import CalibrationRule
from training.log_lines import log_to
from training.recalibration.clean_rows import ColumnRoles
from training.recalibration.promise import Asked

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@app.command()
def calibrate(
    bundle: Annotated[Path, typer.Argument(help="The bundle whose graphs stay: models/NAME/VERSION")],
    data: Annotated[
        list[str] | None,
        typer.Argument(help="New clean data, as for training; without any, the scores that the bundle holds count"),
    ] = None,
    target_fpr: Annotated[
        float | None, typer.Option(help="Share of clean samples that may raise an alarm; as before, if not given")
    ] = None,
    rule: Annotated[CalibrationRule | None, typer.Option(help="How the threshold is promised")] = None,
    confidence: Annotated[float | None, typer.Option(help="Confidence of the tolerance rule")] = None,
    review_fpr: Annotated[
        float | None, typer.Option(help="Looser rate above which a sample is for a person to review")
    ] = None,
    no_review: Annotated[bool, typer.Option("--no-review", help="Leave the looser rate out")] = False,
    group: Annotated[
        str | None, typer.Option(help="Column that names each row's asset: one calibration and one model for each")
    ] = None,
    time: Annotated[str | None, typer.Option(help="Column that orders the rows, if not that of training")] = None,
    ignore: Annotated[list[str] | None, typer.Option(help="Column that is no feature (may be given again)")] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            help="Where the model goes: models/NAME; the bundle becomes its next version, as it does by default"
        ),
    ] = None,
    key_file: SigningKeyFile = None,
    trusted: TrustedKeysPath = None,
    debug: Annotated[bool, typer.Option("--debug", help="Show tracebacks")] = False,
) -> None:
    """Calibrate a bundle anew, without training: another rate, new clean data, or one threshold for each asset."""
    log_to(Console(stderr=True))
    with command_boundary(debug=debug):
        key, keys = signing_key(key_file), trusted_keys(trusted)
        from training.recalibration.pipeline import recalibrate_bundle  # matplotlib: not for --help

        written = recalibrate_bundle(
            bundle,
            tuple(data or ()),
            Asked(target_fpr, rule, confidence, review_fpr, no_review),
            ColumnRoles(time, group, tuple(ignore or ())),
            out,
            key,
            keys,
        )
        for path in written:
            typer.echo(path)


def main() -> None:
    run_command(app)


if __name__ == "__main__":
    main()
