"""The machine that figures were measured on: without it they say nothing."""

import os
import platform
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from model.onnx_runtime import onnxruntime

GIB = 1 << 30


@dataclass(frozen=True)
class Machine:
    """Hardware, software, and how busy it was with other things when measuring began."""

    processor: str
    cores: int
    memory_gib: float
    system: str
    python: str
    onnxruntime: str
    torch: str
    load: float

    def __str__(self) -> str:
        return (
            f"{self.cores} cores of {self.processor}, {self.memory_gib:.0f} GiB, {self.system}; Python {self.python}, "
            f"ONNX Runtime {self.onnxruntime}, torch {self.torch}; load average before: {self.load:.1f}"
        )


def this_machine() -> Machine:
    return Machine(
        processor=_processor(),
        cores=len(os.sched_getaffinity(0)),
        memory_gib=os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / GIB,
        system=f"{platform.system()} {platform.machine()}",
        python=platform.python_version(),
        onnxruntime=onnxruntime.__version__,
        torch=version("torch"),
        load=os.getloadavg()[0],
    )


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        name, _, value = line.partition(":")
        if name.strip() == "model name":
            return value.strip()
    return platform.machine()
