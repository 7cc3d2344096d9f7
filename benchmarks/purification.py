"""How near to the truth is a purified sample? Faults on the simulated rig, noise and occlusion on handwritten digits.

``python -m benchmarks.purification [--bundle DIR] [--images DIR --digits FILE]``

The rig is run twice with the same random draws, once sound and once with a fault, so what every sensor would have read is known.
A detector of it is trained by ``plumbline-train``, unless a bundle is given. Errors are root mean squares over readings, in their
clean spreads: as observed, as reconstructed, after three reconstructions in a row, as the search in the latent has it, and purified.
``--images`` is the bundle of a detector of digits and ``--digits`` an NPZ file whose ``x_test`` holds them; errors are in grey values.
"""

import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer
from numpy.typing import NDArray

from benchmarks.errors import MeasurementError
from benchmarks.results import show
from benchmarks.rig_bundle import WEEKS, train_rig
from examples.rig.load import HOUR
from examples.rig.recording import EPISODE, FAULTS, WEEK, record
from model.boundary import command_boundary
from model.bundle import read_bundle
from model.generator import Generator
from model.latent_search import LatentSearch
from model.scorer import Scorer

Array = NDArray[np.float64]

EPISODES, EVERY = 6, 12  # of each fault; faulty rows of an episode taken
SEED = 100
DIGITS = 200
NOISES = (25, 50, 100)
BLOCK = 8  # pixels across, of what hides part of a digit
HEADINGS = ("", "samples", "observed", "reconstructed", "three times", "search", "purified")


def rows_for(
    scorer: Scorer, search: LatentSearch | None, disturbed: NDArray[Any], distance: Callable[[Array], float]
) -> Sequence[str]:
    """Purify samples in every way and give the cells of a row: ``distance`` says how far samples are from the truth."""
    once = _rebuilt(scorer, disturbed)
    thrice = _rebuilt(scorer, _rebuilt(scorer, once))
    purifier = scorer.purifier(search)
    found = [np.array([sample.astype(np.float64) for sample in disturbed]), once, thrice]
    sought = "-" if search is None else _figure(distance(np.array([search.clean(sample) for sample in disturbed])))
    purified = np.array([purifier.purify(sample).sample for sample in disturbed])
    return (
        f"{len(disturbed):,}",
        *(_figure(distance(samples)) for samples in found),
        sought,
        _figure(distance(purified)),
    )


def disturb_rig(bundle: Path) -> list[Sequence[str]]:
    """Give a row for every fault: all readings, and the one that the fault gives away most."""
    opened = read_bundle(bundle)
    kept = opened.manifest.explanation
    if kept is None:
        raise MeasurementError(f"{bundle}: keeps no spreads of clean readings to measure by")
    scorer, spread = Scorer(opened), np.array([reading.scale for reading in kept.readings])
    search = Generator(opened).search() if opened.decoder else None
    rows: list[Sequence[str]] = []
    for fault in FAULTS:
        disturbed, truth = [], []
        for episode in range(EPISODES):
            start = (WEEKS + 2) * WEEK + episode * 28 * HOUR
            faulty = record(start, EPISODE, np.random.default_rng([SEED, episode]), fault)
            sound = record(start, EPISODE, np.random.default_rng([SEED, episode]))
            taken = np.flatnonzero(faulty.anomalous)[::EVERY]
            disturbed.append(faulty.values[taken])
            truth.append(sound.values[taken])
        x, clean = np.vstack(disturbed), np.vstack(truth)
        sensor = scorer.spec.names.index(fault.reveals[0])

        def every(samples: Array, clean: Array = clean) -> float:
            return _root_mean_square((samples - clean) / spread)

        def one(samples: Array, clean: Array = clean, sensor: int = sensor) -> float:
            return _root_mean_square(((samples - clean) / spread)[:, sensor])

        rows.append((f"{fault.name.value}, all sensors", *rows_for(scorer, search, x, every)))
        rows.append((f"{fault.name.value}, {fault.reveals[0]}", *rows_for(scorer, search, x, one)))
    return rows


def disturb_digits(bundle: Path, digits: Path) -> list[Sequence[str]]:
    """Give a row for every disturbance of digits, in grey values; of occlusion, also the hidden pixels alone."""
    opened = read_bundle(bundle)
    height, width, _ = opened.manifest.form.shape
    with np.load(digits, allow_pickle=False) as archive:
        clean = archive["x_test"][:DIGITS]
    if clean.shape[1:] != (height, width):
        raise MeasurementError(f"{digits}: expected digits of {height} x {width} pixels, found {clean.shape[1:]}")
    scorer, search = Scorer(opened), Generator(opened).search()
    rng, truth = np.random.default_rng(SEED), clean.astype(np.float64)[..., None]

    def every(samples: Array) -> float:
        return _root_mean_square(samples - truth)

    rows: list[Sequence[str]] = [("none", *rows_for(scorer, search, clean[..., None], every))]
    for noise in NOISES:
        noisy = np.clip(np.rint(truth + noise * rng.standard_normal(truth.shape)), 0, 255).astype(np.uint8)
        rows.append((f"Gaussian noise of {noise}", *rows_for(scorer, search, noisy, every)))
    hidden = np.zeros(truth.shape, dtype=np.bool_)
    for mask in hidden:
        top, left = rng.integers(6, height - BLOCK - 6, size=2)
        mask[top : top + BLOCK, left : left + BLOCK] = True

    def behind(samples: Array) -> float:
        return _root_mean_square((samples - truth)[hidden])

    for colour, value in (("black", 0), ("white", 255)):
        occluded = np.where(hidden, value, clean[..., None]).astype(np.uint8)
        rows.append((f"a {colour} block, all pixels", *rows_for(scorer, search, occluded, every)))
        rows.append((f"a {colour} block, those behind it", *rows_for(scorer, search, occluded, behind)))
    return rows


def _rebuilt(scorer: Scorer, samples: NDArray[Any]) -> Array:
    if scorer.form.dtype == "float64":
        return scorer.explain(samples).reconstruction
    most = np.iinfo(scorer.form.dtype).max
    return scorer.explain(np.clip(np.rint(samples), 0, most).astype(scorer.form.dtype)).reconstruction


def _root_mean_square(errors: Array) -> float:
    return float(np.sqrt(np.square(errors).mean()))


def _figure(error: float) -> str:
    return f"{error:.3f}" if error < 10 else f"{error:.1f}"


def main(
    bundle: Annotated[Path | None, typer.Option(help="A bundle of the rig; else one is trained.")] = None,
    images: Annotated[Path | None, typer.Option(help="A bundle of a detector of digits.")] = None,
    digits: Annotated[Path | None, typer.Option(help="An NPZ file with the digits, x_test.")] = None,
) -> None:
    """Measure how near purified samples are to the truth."""
    with command_boundary(debug=False), tempfile.TemporaryDirectory() as folder:
        if images is None or bundle is not None:
            found = bundle or train_rig(Path(folder))[1]
            show(
                "Faults on the rig: error to what sensors would have read, in clean spreads",
                HEADINGS,
                disturb_rig(found),
            )
        if images is not None:
            if digits is None:
                raise typer.BadParameter("--images needs --digits, the file that holds them")
            show("Disturbed digits: error in grey values, of 255", HEADINGS, disturb_digits(images, digits))


if __name__ == "__main__":
    typer.run(main)
