"""A detector of the simulated rig, trained by the real command: what is served and re-scored where no bundle is given."""

from pathlib import Path

from benchmarks.process import Run, require_success, run, script
from examples.rig.files import write_files

WEEKS, SEED = 10, 0


def train_rig(folder: Path, *options: str) -> tuple[Run, Path]:
    """Simulate the rig's clean weeks below ``folder`` and train on them with ``options`` of the command; returns what it cost, and the bundle.

    Raises:
        MeasurementError: the training run failed.
    """
    clean, _, config = write_files(folder / "rig", SEED, WEEKS)
    command = [
        script("plumbline-train"),
        str(clean),
        "--out",
        str(folder / "models" / "rig"),
        "--config",
        str(config),
        *options,
    ]
    finished = run(command)
    require_success(finished, "plumbline-train")
    return finished, Path(finished.last_line)
