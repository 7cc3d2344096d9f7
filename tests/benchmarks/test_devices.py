import subprocess
import sys

import pytest

from benchmarks.devices import measure_device
from model.bundle import read_bundle
from model.inference import best_provider
from tests.service.bundles import PUMP


def test_the_table_has_each_way_to_run_and_says_what_differs(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("benchmarks.devices.SECONDS", 0.01)
    measure_device(read_bundle(PUMP), "cpu")  # a device like any other, which agrees with itself
    shown = capsys.readouterr().out
    assert "cpu, captured" in shown
    differences = next(line for line in shown.splitlines() if line.startswith("| cpu, captured"))
    assert [part.strip() for part in differences.split("|")[3:6:2]] == ["0.00e+00", "0"]


@pytest.mark.skipif(best_provider() == "cuda", reason="there is a CUDA device here")
def test_without_a_device_the_command_says_so() -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "benchmarks.devices", str(PUMP)], capture_output=True, text=True, check=False
    )
    assert ended.returncode == 2
    assert "no CUDA device here" in ended.stderr
