import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from examples.rig.files import FAULT, LABEL, TIME, write_files
from examples.rig.recording import FAULTS, SOUND
from examples.rig.sensors import SENSORS
from training.config_file import load_config
from training.raw_data import Columns, read_table

NAMES = tuple(sensor.name for sensor in SENSORS)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("rig")
    command = [sys.executable, "-m", "examples.rig", "--out", str(out), "--seed", "7", "--weeks", "1"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.split() == [str(out / name) for name in ("clean.csv", "test.csv", "train.toml")]
    return out


def test_the_clean_file_reads_back_whole_and_in_time_order(folder: Path) -> None:
    raw = read_table([str(folder / "clean.csv")], Columns(time=TIME))
    assert raw.names == NAMES
    assert raw.rejections.count == 0
    assert np.isfinite(raw.values).all()
    assert raw.time is not None
    assert (np.diff(raw.time) > 0).all()


def test_the_test_file_says_of_each_row_whether_it_is_anomalous_and_what_is_wrong(folder: Path) -> None:
    raw = read_table([str(folder / "test.csv")], Columns(features=NAMES, time=TIME, label=LABEL, group=FAULT))
    assert raw.rejections.count == 0
    assert raw.label is not None
    assert raw.group is not None
    np.testing.assert_array_equal(raw.label, raw.group != SOUND)
    assert set(raw.group.tolist()) == {SOUND, *(fault.name.value for fault in FAULTS)}


def test_the_configuration_declares_every_sensor_with_its_unit_and_range(folder: Path) -> None:
    config = load_config(folder / "train.toml", {})
    spec = config.feature_spec(NAMES)
    assert config.data.time == TIME
    assert [(feature.unit, feature.low, feature.high) for feature in spec.features] == [
        (sensor.unit, sensor.low, sensor.high) for sensor in SENSORS
    ]


def test_the_same_seed_writes_the_same_bytes(folder: Path, tmp_path: Path) -> None:
    for path in write_files(tmp_path, seed=7, weeks=1):
        assert path.read_bytes() == (folder / path.name).read_bytes()
