"""``plumbline-train``: clean data in, a bundle out."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from model.boundary import command_boundary, run_command
from model.manifest import DetectorKind, ScoreKind
from model.modality import Modality
from model.signing.options import SigningKeyFile, signing_key
from model.threshold import CalibrationRule
from training.config import Missing, SplitMethod
from training.config_file import load_config
from training.given import Given
from training.log_lines import log_to
from training.output import model_folder
from training.progress import epoch_progress

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@app.command()
def train(
    data: Annotated[
        list[str], typer.Argument(help="Clean data: CSV, Parquet, NPZ, NPY or image files, directories, globs, URLs")
    ],
    out: Annotated[Path, typer.Option(help="Where the model goes: models/NAME; the bundle becomes its next version")],
    config: Annotated[Path | None, typer.Option(help="TOML file with anything below and more")] = None,
    modality: Annotated[Modality | None, typer.Option(help="Rows, windows of a time series, or images")] = None,
    target_fpr: Annotated[float | None, typer.Option(help="Share of clean samples that may raise an alarm")] = None,
    alarm_budget: Annotated[
        str | None, typer.Option(help="Instead of a rate: false alarms allowed, in episodes, as '2 per month'")
    ] = None,
    sampling_interval: Annotated[
        str | None, typer.Option(help="Time from one row to the next, for --alarm-budget: 500ms, 1s, '2 min'")
    ] = None,
    rule: Annotated[CalibrationRule | None, typer.Option(help="How the threshold is promised")] = None,
    detector: Annotated[
        DetectorKind | None, typer.Option(help="Which of the detectors fitted becomes the bundle")
    ] = None,
    score: Annotated[ScoreKind | None, typer.Option(help="What is measured of the reconstruction error")] = None,
    split: Annotated[SplitMethod | None, typer.Option(help="How clean rows are shared out")] = None,
    gap: Annotated[int | None, typer.Option(help="Rows left out between the parts of the split")] = None,
    time: Annotated[str | None, typer.Option(help="Column that orders the rows")] = None,
    group: Annotated[str | None, typer.Option(help="Column that names each row's run, batch or asset")] = None,
    ignore: Annotated[list[str] | None, typer.Option(help="Column that is no feature (may be given again)")] = None,
    drop_constant: Annotated[bool, typer.Option("--drop-constant", help="Leave out columns that never change")] = False,
    drop_duplicates: Annotated[
        bool, typer.Option("--drop-duplicates", help="Leave out columns that repeat another")
    ] = False,
    length: Annotated[int | None, typer.Option(help="Steps of a window; default: proposed from the data")] = None,
    stride: Annotated[int | None, typer.Option(help="Steps from one training window to the next")] = None,
    resize: Annotated[
        tuple[int, int] | None, typer.Option(metavar="H W", help="Height and width that every image is brought to")
    ] = None,
    backbone: Annotated[
        str | None, typer.Option(help="ONNX file of a network whose features of images are reconstructed")
    ] = None,
    licence: Annotated[str | None, typer.Option(help="The licence that the backbone comes under")] = None,
    missing: Annotated[Missing | None, typer.Option(help="Whether samples may lack up to half of their values")] = None,
    exclude: Annotated[
        list[Path] | None, typer.Option(help="Marked suspects.csv: rows to leave out (may be given again)")
    ] = None,
    test: Annotated[list[str] | None, typer.Option(help="Labelled data to evaluate on (may be given again)")] = None,
    label: Annotated[
        str | None, typer.Option(help="Column of the test data: 1 for anomalous rows; of images, their folder tells")
    ] = None,
    seed: Annotated[int | None, typer.Option(help="Same seed, data and machine: the same detector, to the bit")] = None,
    resume: Annotated[
        bool, typer.Option(help="Go on with an interrupted run of the same data and configuration")
    ] = False,
    key_file: SigningKeyFile = None,
    debug: Annotated[bool, typer.Option("--debug", help="Show tracebacks")] = False,
) -> None:
    """Train a detector on clean data, certify it and write it as a bundle."""
    console = Console(stderr=True)
    log_to(console)
    with command_boundary(debug=debug):
        settings = load_config(
            config,
            {
                "modality": modality,
                "target_fpr": target_fpr,
                "seed": seed,
                "detector": detector or ("feature_vae" if backbone else None),
                "score": score,
                "calibration.rule": rule,
                "calibration.alarm_budget": alarm_budget,
                "calibration.sampling_interval": sampling_interval,
                "split.by": split,
                "split.gap": gap,
                "window.length": length,
                "window.stride": stride,
                "image.resize": resize,
                "backbone.file": backbone,
                "backbone.licence": licence,
                "data.time": time,
                "data.group": group,
                "data.ignore": ignore or None,
                "data.missing": missing,
                "data.constant": "drop" if drop_constant else None,
                "data.duplicate": "drop" if drop_duplicates else None,
            },
        )
        key = signing_key(key_file)
        from training.modalities import train_on  # torch: not before the arguments are known to be good

        given = Given(tuple(data), tuple(test or ()), label, tuple(exclude or ()))
        given.check(settings)
        with model_folder(out), epoch_progress(console) as on_epoch:
            typer.echo(train_on(given, out, settings, key, resume=resume, on_epoch=on_epoch))


def main() -> None:
    run_command(app)


if __name__ == "__main__":
    main()
