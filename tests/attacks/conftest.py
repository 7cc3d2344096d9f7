import shutil
import signal
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from typing import NoReturn

import pytest

from tests.golden.bundle import GOLDEN_BUNDLE

PATIENCE = 30  # seconds; an attack that makes the reader hang has succeeded


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    """Give a copy of the golden bundle, to be spoilt."""
    copy = tmp_path / "models" / "pump" / "1"
    shutil.copytree(GOLDEN_BUNDLE, copy)
    return copy


@pytest.fixture(autouse=True)
def _no_attack_may_hang() -> Iterator[None]:
    def stop(number: int, frame: FrameType | None) -> NoReturn:
        raise TimeoutError(f"the attack kept the reader busy for {PATIENCE} s")

    previous = signal.signal(signal.SIGALRM, stop)
    signal.alarm(PATIENCE)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, previous)
