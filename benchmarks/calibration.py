"""Does a threshold rule keep its promise? Thousands of calibration sets, each judged by its true false-alarm rate.

``python -m benchmarks.calibration [--sets 2000] [--plot docs/images/calibration-promise.svg]``

Where scores are drawn from a known law, the true rate of a threshold is that law's survival function, exactly. The last
part fits a small linear detector in every set and compares the rules with the habit of taking a percentile of the
scores of the rows that the model was fitted on; there the true rate is that on fresh rows.
"""

import argparse
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray
from scipy import signal, stats

from model.threshold import CalibrationRule
from training.calibrate import calibrate

Array = NDArray[np.float64]

CONFIDENCE = 0.95
SETS = 2000
FRESH_ROWS = 50_000


class ScoreLaw(Protocol):
    """What clean scores are drawn from: samples, and the exact chance that a clean score lies above a value."""

    def rvs(self, size: tuple[int, int], random_state: np.random.Generator) -> Array: ...
    def sf(self, x: Array) -> Array: ...


class Autocorrelated:
    """Squares of a stationary first-order autoregression: chi-squared scores whose neighbours resemble each other."""

    def __init__(self, correlation: float) -> None:
        self.correlation = correlation

    def rvs(self, size: tuple[int, int], random_state: np.random.Generator) -> Array:
        innovations = random_state.normal(size=size) * np.sqrt(1 - self.correlation**2)
        start = random_state.normal(size=(size[0], 1)) * self.correlation
        path, _ = signal.lfilter([1.0], [1.0, -self.correlation], innovations, axis=1, zi=start)
        return np.asarray(path**2)

    def sf(self, x: Array) -> Array:
        return np.asarray(stats.chi2(1).sf(x))


LAWS: dict[str, ScoreLaw] = {
    "exponential": stats.expon(),
    "chi-squared, 8 degrees": stats.chi2(8),
    "log-normal": stats.lognorm(1.0),
    "Pareto, infinite variance": stats.lomax(1.5),
    "Poisson, tied": stats.poisson(8),
}


@dataclass(frozen=True)
class Outcome:
    """The true false-alarm ``rates`` [sets] of the thresholds that ``rule`` set on ``n`` scores each."""

    scores: str
    rule: str
    n: int
    target_fpr: float
    rates: Array

    @property
    def mean(self) -> float:
        return float(self.rates.mean())

    @property
    def kept(self) -> float:
        """The share of calibration sets whose threshold keeps the target."""
        return float((self.rates <= self.target_fpr).mean())

    @property
    def mean_error(self) -> float:
        """One standard error of ``mean``."""
        return float(self.rates.std() / np.sqrt(self.rates.size))

    def row(self) -> str:
        unlucky = np.quantile(self.rates, 0.95)
        return (
            f"| {self.scores} | {self.rule} | {self.n:,} | {self.target_fpr:.1%} | {self.mean:.2%} "
            f"| {self.kept:.1%} | {unlucky:.2%} |"
        )


def simulate(name: str, law: ScoreLaw, rule: CalibrationRule, n: int, target_fpr: float, sets: int) -> Outcome:
    """Set a threshold on each of ``sets`` draws of ``n`` clean scores and compute its true false-alarm rate."""
    draws = law.rvs(size=(sets, n), random_state=np.random.default_rng(0)).astype(np.float64)
    thresholds = np.array([calibrate(scores, target_fpr, rule, CONFIDENCE).value for scores in draws])
    return Outcome(name, rule, n, target_fpr, np.asarray(law.sf(thresholds)))


@dataclass(frozen=True)
class Plant:
    """Clean rows with ten hidden causes behind thirty readings."""

    mixing: Array

    @classmethod
    def drawn(cls) -> "Plant":
        return cls(np.random.default_rng(1).normal(size=(10, 30)))

    def rows(self, count: int, rng: np.random.Generator) -> Array:
        causes, readings = self.mixing.shape
        return np.asarray(rng.normal(size=(count, causes)) @ self.mixing + rng.normal(size=(count, readings)))


@dataclass(frozen=True)
class LinearAutoencoder:
    """Principal components, scored by the squared error of the reconstruction."""

    centre: Array
    axes: Array

    @classmethod
    def fitted(cls, train: Array, latent_size: int) -> "LinearAutoencoder":
        centre = train.mean(axis=0)
        return cls(centre, np.linalg.svd(train - centre, full_matrices=False)[2][:latent_size])

    def score(self, x: Array) -> Array:
        centred = x - self.centre
        return np.asarray((centred**2).sum(axis=1) - ((centred @ self.axes.T) ** 2).sum(axis=1))  # Pythagoras


def compare_on_a_fitted_detector(train_rows: int, n: int, target_fpr: float, sets: int) -> tuple[Outcome, ...]:
    """Fit a linear detector per set; set its threshold on its own training rows and on held-out ones.

    The plain percentile is taken of as many held-out rows too: what remains of its fault is not over-fitting.
    """
    plant, rng = Plant.drawn(), np.random.default_rng(2)
    fresh = plant.rows(FRESH_ROWS, rng)
    rates: dict[tuple[str, int], list[float]] = {
        ("percentile of training scores", train_rows): [],
        ("percentile of held-out scores", train_rows): [],
        ("conformal", n): [],
        ("tolerance", n): [],
    }
    for _ in range(sets):
        train = plant.rows(train_rows, rng)
        detector = LinearAutoencoder.fitted(train, latent_size=10)
        clean, held_out = np.sort(detector.score(fresh)), detector.score(plant.rows(n, rng))
        lines = (
            np.percentile(detector.score(train), 100 * (1 - target_fpr)),
            np.percentile(held_out[:train_rows], 100 * (1 - target_fpr)),
            calibrate(held_out, target_fpr, "conformal", CONFIDENCE).value,
            calibrate(held_out, target_fpr, "tolerance", CONFIDENCE).value,
        )
        for found, line in zip(rates.values(), lines, strict=True):
            found.append(1 - np.searchsorted(clean, line, side="right") / clean.size)
    return tuple(
        Outcome("fitted linear detector", rule, rows, target_fpr, np.array(found))
        for (rule, rows), found in rates.items()
    )


def outcomes(sets: int) -> Iterator[Outcome]:
    """Run every case of the published table."""
    for name, law in LAWS.items():
        yield simulate(name, law, "tolerance", 299, 0.01, sets)
        yield simulate(name, law, "tolerance", 1000, 0.01, sets)
        yield simulate(name, law, "conformal", 1000, 0.01, sets)
        yield simulate(name, law, "tail", 1000, 0.001, sets)
    for correlation in (0.5, 0.9, 0.98):
        yield simulate(f"autocorrelated, {correlation:g}", Autocorrelated(correlation), "tolerance", 1000, 0.01, sets)
    # Every 100th row of an autoregression is an autoregression whose correlation is the 100th power.
    yield simulate("autocorrelated, 0.98, every 100th row", Autocorrelated(0.98**100), "tolerance", 1000, 0.01, sets)
    yield from compare_on_a_fitted_detector(200, 1000, 0.01, sets)


def plot(fitted: tuple[Outcome, ...], path: Path) -> None:
    """Draw how the true rate of one detector spreads over calibration sets, rule by rule."""
    kept, broken = "#2b7a78", "#c8553d"
    with mpl.rc_context({"svg.hashsalt": "calibration", "font.size": 10}):  # the same figures, the same bytes
        figure = Figure(figsize=(8, 5.6), layout="constrained")
        axes = figure.subplots(len(fitted), 1, sharex=True)
        top = 100 * max(float(np.quantile(outcome.rates, 0.999)) for outcome in fitted)
        bins = np.arange(0, top + 0.1, 0.1)
        for ax, outcome in zip(axes, fitted, strict=True):
            target, rates = 100 * outcome.target_fpr, 100 * outcome.rates
            ax.hist(rates[rates <= target], bins, color=kept, histtype="stepfilled")
            ax.hist(rates[rates > target], bins, color=broken, histtype="stepfilled")
            ax.axvline(target, color="#333333", linewidth=1)
            ax.set_title(f"{outcome.rule}, {outcome.n:,} rows", loc="left", fontsize=10, fontweight="bold")
            words = f"mean {outcome.mean:.2%}\ntarget kept in {outcome.kept:.1%} of sets"
            ax.text(0.995, 0.9, words, transform=ax.transAxes, ha="right", va="top")
            ax.set_yticks([])
            ax.spines[["left", "top", "right"]].set_visible(False)
        axes[-1].set_xlabel("true false-alarm rate of the threshold, % (line: the 1 % that was asked for)")
        figure.suptitle("The same detector, four ways to set its threshold", fontsize=11, x=0.01, ha="left")
        path.parent.mkdir(parents=True, exist_ok=True)
        figure.savefig(path, metadata={"Date": None} if path.suffix == ".svg" else None)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--sets", type=int, default=SETS, help="calibration sets per line (default: %(default)s)")
    parser.add_argument("--plot", type=Path, help="also draw the last comparison to this file (.svg or .png)")
    options = parser.parse_args()
    print(f"{options.sets:,} calibration sets per line; the true false-alarm rate of each threshold\n")
    print("| clean scores | rule | n | target | mean rate | sets that keep the target | 95th percentile of the rate |")
    print("|---|---|---:|---:|---:|---:|---:|")
    fitted = []
    for outcome in outcomes(options.sets):
        print(outcome.row(), flush=True)
        if outcome.scores == "fitted linear detector":
            fitted.append(outcome)
    if options.plot:
        plot(tuple(fitted), options.plot)


if __name__ == "__main__":
    main()
