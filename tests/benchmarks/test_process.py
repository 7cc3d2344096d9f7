import os
import sys

import pytest

from benchmarks.errors import MeasurementError
from benchmarks.process import cpu_seconds, machine_seconds, require_success, resident_mib, run


def test_a_command_is_measured_from_its_start_to_its_end() -> None:
    program = "import time; print('one'); block = b'x' * (200 << 20); time.sleep(0.3); print('two', flush=True)"
    finished = run([sys.executable, "-c", program])
    assert finished.exit_code == 0
    assert [line.text for line in finished.lines] == ["one", "two"]
    assert 0.3 < finished.lines[-1].seconds <= finished.seconds
    assert finished.peak_mib > 200
    assert 0 < finished.cpu_seconds < finished.seconds + 0.5


def test_a_command_that_fails_is_told_with_the_last_thing_it_said() -> None:
    finished = run([sys.executable, "-c", "import sys; print('all is well'); sys.exit('no: it is not')"])
    with pytest.raises(MeasurementError, match="the command ended with exit code 1: no: it is not"):
        require_success(finished, "the command")


def test_what_a_process_used_is_part_of_what_the_machine_used() -> None:
    mine, all_of_it = cpu_seconds(os.getpid()), machine_seconds()
    while cpu_seconds(os.getpid()) < mine + 0.1:
        pass
    assert machine_seconds() - all_of_it >= 0.08


def test_a_living_process_tells_its_cpu_time_and_memory() -> None:
    before = cpu_seconds(os.getpid())
    while cpu_seconds(os.getpid()) < before + 0.02:
        pass
    assert resident_mib(os.getpid()) > 10
