"""Goodput and latency over the load that was offered."""

from collections.abc import Sequence
from pathlib import Path

from matplotlib.figure import Figure

from benchmarks.overload.stage import Stage


def plot_stages(stages: Sequence[Stage], path: Path) -> None:
    """Draw what was scored, and how long scores and refusals took, over multiples of the peak."""
    stages = sorted(stages, key=lambda stage: stage.times)
    times = [stage.times for stage in stages]
    figure = Figure(figsize=(8.5, 4.8), layout="constrained")
    rate, latency = figure.subplots(2, 1, sharex=True)
    rate.plot(times, [stage.goodput / stage.peak for stage in stages], "o", color="#2b7a78", label="scored")
    rate.plot(times, [stage.offered / stage.peak for stage in stages], "--", color="#8a8f94", label="offered")
    rate.axhline(0.9, color="#c8553d", linewidth=1, label="90 % of the peak")
    rate.set_ylabel("parts of the peak")
    rate.set_ylim(bottom=0)
    rate.legend(frameon=False)
    latency.plot(times, [stage.p99_ms for stage in stages], "o", color="#2b7a78", label="scored, p99")
    refused = [stage for stage in stages if stage.refused_p99_ms is not None]
    latency.plot(
        [stage.times for stage in refused],
        [stage.refused_p99_ms or 0 for stage in refused],
        "s",
        color="#c8553d",
        label="refused, p99",
    )
    latency.set_ylabel("milliseconds")
    latency.set_ylim(bottom=0)
    latency.set_xlabel("offered, in multiples of the peak")
    latency.legend(frameon=False)
    for axes in (rate, latency):
        axes.grid(color="#e4e4e6", linewidth=0.6)
    figure.savefig(path, dpi=120)
