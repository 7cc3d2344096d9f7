"""Series written as CSV, for tests."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from training.config import TrainingConfig
from training.config_file import load_config

START = datetime(2026, 1, 1, tzinfo=UTC)


def config(**settings: object) -> TrainingConfig:
    """Configure windows of a series with a time column; ``data__group`` stands for ``data.group``."""
    named = {key.replace("__", "."): value for key, value in settings.items()}
    return load_config(None, {"modality": "window", "data.time": "time", **named})


def iso(step: float) -> str:
    return (START + timedelta(seconds=step)).isoformat().replace("+00:00", "Z")


def reading(step: float) -> str:
    return f"{step % 7},{step % 11 + 0.5}"


def write_series(
    file: str, steps: Iterable[float], row: Callable[[float], str] = reading, header: str = "P1,P2"
) -> str:
    """Write a row for each of ``steps``, seconds since the start, with its time in ISO 8601; return the file's name."""
    Path(file).write_text(f"time,{header}\n" + "".join(f"{iso(step)},{row(step)}\n" for step in steps))
    return file
