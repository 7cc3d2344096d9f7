"""Processes and what they cost, as Linux accounts for it in /proc."""

import os
import resource
import subprocess
import sysconfig
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from benchmarks.errors import MeasurementError

POLL_SECONDS = 0.02
# What is measured must not be configured by the shell it is measured from.
ENVIRONMENT = {name: value for name, value in os.environ.items() if not name.upper().startswith("PLUMBLINE_")}


@dataclass(frozen=True)
class Line:
    """A line that a process printed, and when: seconds since its start."""

    seconds: float
    text: str


@dataclass(frozen=True)
class Run:
    """A command that has ended: wall-clock and CPU seconds, peak resident memory, and what it printed."""

    exit_code: int
    seconds: float
    cpu_seconds: float
    peak_mib: float
    lines: tuple[Line, ...]

    @property
    def last_line(self) -> str:
        return self.lines[-1].text if self.lines else ""


def script(name: str) -> str:
    """Find a console script beside this Python.

    Raises:
        MeasurementError: it is not there.
    """
    path = Path(sysconfig.get_path("scripts")) / name
    if not path.exists():
        raise MeasurementError(
            f"{path} is not there; install Plumbline into this Python first (pip install -e '.[train]')"
        )
    return str(path)


def run(command: Sequence[str]) -> Run:
    """Run ``command`` to its end, whatever its exit code; both its streams become ``lines``."""
    cpu, began = ended_seconds(), time.perf_counter()
    with (
        ThreadPoolExecutor(1) as watcher,
        subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=ENVIRONMENT
        ) as process,
    ):
        peak = watcher.submit(_watch_peak, process)
        lines = tuple(Line(time.perf_counter() - began, text.rstrip("\n")) for text in process.stdout or ())
        exit_code = process.wait()
    return Run(exit_code, time.perf_counter() - began, ended_seconds() - cpu, peak.result(), lines)


def require_success(finished: Run, command: str) -> None:
    """Raise MeasurementError, with the last thing it said, if a command failed."""
    if finished.exit_code != 0:
        raise MeasurementError(f"{command} ended with exit code {finished.exit_code}: {finished.last_line}")


def cpu_seconds(pid: int) -> float:
    """Tell how much CPU time a living process and all below it have used, in steps of 10 ms; those that ended count too."""
    # What follows the command's name, which may hold anything, starts with field 3; 14 to 17 are user and system time,
    # the process's own and that of children it waited for.
    ticks = sum(int(field) for one in family(pid) for field in _stat(one)[11:15])
    return ticks / os.sysconf("SC_CLK_TCK")


def resident_mib(pid: int) -> float:
    """Tell how much memory a living process and all below it have resident; what they share counts for each."""
    return sum(_status_mib(one, "VmRSS") for one in family(pid))


def machine_seconds() -> float:
    """Tell how much CPU time everything on this machine has used, other guests of its host included, in steps of 10 ms."""
    user, nice, system, _, _, interrupts, soft_interrupts, stolen, *_ = (
        int(field) for field in Path("/proc/stat").read_text().splitlines()[0].split()[1:]
    )
    return (user + nice + system + interrupts + soft_interrupts + stolen) / os.sysconf("SC_CLK_TCK")


def ended_seconds() -> float:
    """Tell how much CPU time children of this process have used that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def family(pid: int) -> list[int]:
    """List a living process and all that it started, directly or not."""
    children: dict[int, list[int]] = {}
    for folder in Path("/proc").glob("[0-9]*"):
        fields = _stat(int(folder.name))
        if fields:
            children.setdefault(int(fields[1]), []).append(int(folder.name))
    found = [pid]
    for one in found:
        found += children.get(one, [])
    return found


def _stat(pid: int) -> list[str]:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return []  # it has ended meanwhile


def _watch_peak(process: subprocess.Popen[str]) -> float:
    peak = 0.0
    while process.poll() is None:
        peak = max(peak, _status_mib(process.pid, "VmHWM"))
        time.sleep(POLL_SECONDS)
    return peak


def _status_mib(pid: int, field: str) -> float:
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except (FileNotFoundError, ProcessLookupError):
        return 0.0  # it has ended meanwhile
    for line in lines:
        name, _, value = line.partition(":")
        if name == field:
            return int(value.split()[0]) / 1024
    return 0.0  # it has ended and only waits to be asked for its exit code
