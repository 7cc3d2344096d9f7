import re
from pathlib import Path

import pytest

from benchmarks.errors import MeasurementError
from benchmarks.serving.environments import PEERS, STAMP, python_of
from benchmarks.serving.rivals import RIVALS

FILES = sorted(PEERS.glob("*.txt"))


def test_every_rival_that_needs_an_environment_has_a_file_of_versions() -> None:
    assert {rival.environment for rival in RIVALS if rival.environment} == {file.stem for file in FILES}


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_versions_are_exact_and_torch_is_none_of_them(file: Path) -> None:
    lines = [line for line in file.read_text("utf-8").splitlines() if not line.startswith("#")]
    assert all(re.fullmatch(r"[A-Za-z0-9._-]+==[A-Za-z0-9.+]+", line) for line in lines)
    names = {line.partition("==")[0].lower() for line in lines}
    assert "onnxruntime" in names
    assert not {"torch", "torchvision", "tensorflow"} & names


def test_an_environment_counts_only_in_the_versions_of_its_file(tmp_path: Path) -> None:
    with pytest.raises(MeasurementError, match="not installed in .*; python -m benchmarks.serving --install does it"):
        python_of(tmp_path, "mlserver")
    (tmp_path / "mlserver").mkdir()
    (tmp_path / "mlserver" / STAMP).write_text("mlserver==1.0.0\n")
    with pytest.raises(MeasurementError, match="not installed"):
        python_of(tmp_path, "mlserver")
    (tmp_path / "mlserver" / STAMP).write_bytes((PEERS / "mlserver.txt").read_bytes())
    assert python_of(tmp_path, "mlserver") == tmp_path / "mlserver" / "bin" / "python"
