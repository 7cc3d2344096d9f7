"""The tour: data, training, serving, scoring, and where to go from there. One stage after the other."""

import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.rule import Rule
from rich.text import Text

from examples.demo.client import Client, Judgement, samples_json
from examples.demo.commands import command, serving, train
from examples.demo.labelled import Labelled, read_labelled
from examples.demo.tables import detection_table, sample_table
from examples.rig.files import LABEL, write_files
from examples.rig.recording import FAULTS

WEEKS, SEED, TARGET_FPR = 10, 0, 0.01
HERE = Path("demo")


@dataclass(frozen=True)
class Files:
    """What to train and test on. ``name`` is the model's."""

    name: str
    clean: Path
    test: Path
    label: str
    config: Path | None
    of_rig: bool


def tour(own: Files | None, console: Console) -> None:
    """Run everything, on the user's ``own`` files or on the simulated rig.

    Raises:
        DemoError: a command or the service failed.
        InputError: the test file cannot be used.
    """
    began = time.monotonic()
    HERE.mkdir(exist_ok=True)
    files = own or _simulate(console)
    bundle = _train(files, console)
    stage(console, "Serve", "plumbline-serve, on a free port of this machine")
    with serving(HERE / "models", HERE / "service.log") as client:
        console.print(f"ready at {client.url}; its log is {HERE / 'service.log'}", style="dim", highlight=False)
        _score(files, client, console)
    stage(console, "Go on", f"the service was stopped in order; all of it took {time.monotonic() - began:.0f} s")
    _point_on(files, bundle, console)


def _simulate(console: Console) -> Files:
    stage(console, "Simulate", f"a pump circuit: {WEEKS} weeks of sound operation, then {len(FAULTS)} faults")
    clean, test, config = write_files(HERE / "rig", SEED, WEEKS)
    console.print(f"{clean}, {test}, {config}", style="dim", highlight=False)
    return Files("rig", clean, test, LABEL, config, of_rig=True)


def _train(files: Files, console: Console) -> Path:
    stage(console, "Train", "plumbline-train: fit, export, certify, calibrate, report")
    arguments = [str(files.clean), "--out", str(HERE / "models" / files.name)]
    arguments += ["--test", str(files.test), "--label", files.label]
    arguments += ["--target-fpr", str(TARGET_FPR), "--seed", str(SEED)]
    if files.config is not None:
        arguments += ["--config", str(files.config)]
    return train(arguments)


def _score(files: Files, client: Client, console: Console) -> None:
    stage(console, "Score", f"every row of {files.test} over HTTP, with explanations")
    model = client.model(files.name)
    test = read_labelled(files.test, model.features, files.label, of_rig=files.of_rig)
    if test.unreadable:
        console.print(f"{test.unreadable:,} rows of {files.test} could not be read and are left out", style="yellow")
    began = time.monotonic()
    judgements = client.score(files.name, test.values)
    seconds = time.monotonic() - began
    console.print(
        f"{len(judgements):,} samples scored and explained in {seconds:.1f} s\n", style="dim", highlight=False
    )

    dead = test.values[:1].copy()
    dead[0, 0] = np.nan
    console.print(sample_table(test, judgements, client.score(files.name, dead)[0], model))
    reveals = {fault.name.value: fault.reveals for fault in FAULTS} if files.of_rig else {}
    console.print(detection_table(test, judgements, reveals, model))
    _keep_worst(test, judgements)


def _keep_worst(test: Labelled, judgements: list[Judgement]) -> None:
    """Keep the sample with the highest score as a request body to try."""
    worst = max(range(len(judgements)), key=lambda row: judgements[row].score or 0.0)
    (HERE / "sample.json").write_bytes(samples_json(test.values[[worst]]))


def _point_on(files: Files, bundle: Path, console: Console) -> None:
    def show(what: str, line: object) -> None:
        console.print(f"# {what}", style="dim", highlight=False)
        console.print(str(line), highlight=False, markup=False, soft_wrap=True)

    show("the report, for a browser", bundle / "report" / "index.html")
    show("the bundle: graphs, threshold, calibration scores, digests", bundle)
    show("serve it", f"{command('plumbline-serve')} --models {HERE / 'models'}")
    sample = f"-H 'Content-Type: application/json' -d @{HERE / 'sample.json'}"
    show("ask it about the worst sample above", f"curl {sample} localhost:8000/models/{files.name}/score")
    rescore = f"{command('plumbline-rescore')} {files.test} --bundle {bundle} --out {HERE / 'rescored'}"
    show("score a file", rescore)
    show(
        "the same with your own data: clean rows, and labelled ones to test on",
        "make demo DATA=clean.csv TEST=labelled.csv LABEL=column",
    )


def stage(console: Console, title: str, what: str) -> None:
    """Begin a part of a tour with a rule across the terminal."""
    console.print()
    console.print(Rule(Text.assemble((title, "bold"), "  ", (what, "dim")), align="left", style="dim"))
