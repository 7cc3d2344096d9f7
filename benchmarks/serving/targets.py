"""What the service is meant to reach beside its rivals, and whether it does."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from benchmarks.serving.contenders import PLUMBLINE
from benchmarks.serving.kinds import BATCH, BINARY, KINDS, SINGLE, Kind
from benchmarks.serving.outcome import Outcome
from benchmarks.serving.rivals import BARE, FASTAPI, RIVALS, TRITON, TRITON_TWO

MOST_START_SECONDS, MOST_RESIDENT_MIB = 1.5, 160.0
# Not rivals in latency: one does nothing of what a server has to do, the other has twice the cores.
FOR_SCALE = (BARE, TRITON_TWO)


@dataclass(frozen=True)
class Target:
    """What is to be reached: ``found`` at least or at most ``bound``; None where one of two servers has no figure."""

    name: str
    found: float | None
    bound: float
    at_least: bool = True
    holds: bool | None = field(init=False)

    def __post_init__(self) -> None:
        kept = None
        if self.found is not None:
            kept = self.found >= self.bound if self.at_least else self.found <= self.bound
        object.__setattr__(self, "holds", kept)

    def __str__(self) -> str:
        asked = f"{self.name} {'>=' if self.at_least else '<='} {self.bound:g}"
        return asked if self.found is None else f"{asked} (is {self.found:.2f})"


def judge(outcomes: Iterable[Outcome]) -> list[Target]:
    """Hold Plumbline against what it is meant to reach; nothing where it has no figures."""
    by_name = {one.name: one for one in outcomes}
    if PLUMBLINE not in by_name:
        return []
    ours = by_name[PLUMBLINE]
    fastapi, triton, bare = (by_name.get(rival.name) for rival in (FASTAPI, TRITON, BARE))
    others = [by_name[rival.name] for rival in RIVALS if rival.name in by_name and rival not in FOR_SCALE]
    return [
        Target("single JSON, requests/s to FastAPI's", ours.ratio(fastapi, SINGLE, 64, "rate"), 4.5),
        Target("single JSON, requests/s to Triton's", ours.ratio(triton, SINGLE, 64, "rate"), 1.4),
        Target("single JSON, CPU per request to Triton's", ours.ratio(triton, SINGLE, 64, "cpu_us"), 0.75, False),
        Target("256 JSON, requests/s to FastAPI's", ours.ratio(fastapi, BATCH, 64, "rate"), 5.0),
        Target("256 JSON, requests/s to Triton's", ours.ratio(triton, BATCH, 64, "rate"), 2.0),
        Target("256 binary, requests/s to Triton's", ours.ratio(triton, BINARY, 64, "rate"), 1.2),
        *(
            Target(f"{kind.name}, p99 over 16 to the best rival's", _p99(ours, others, kind), 1, False)
            for kind in KINDS
        ),
        *(
            Target(f"{kind.name}, p50 over 1 to the bare handler's", ours.ratio(bare, kind, 1, "p50_ms"), 1.3, False)
            for kind in KINDS
        ),
        Target("seconds from start to ready", ours.start_seconds, MOST_START_SECONDS, False),
        Target("MiB resident", ours.resident_mib, MOST_RESIDENT_MIB, False),
    ]


def sentence(targets: Sequence[Target]) -> str:
    """Say how many targets hold, and which do not or could not be judged."""
    failed = [str(target) for target in targets if target.holds is False]
    unknown = [str(target) for target in targets if target.holds is None]
    said = f"Of {len(targets)} targets {len(targets) - len(failed) - len(unknown)} hold"
    if failed:
        said += f"; not kept: {', '.join(failed)}"
    if unknown:
        said += f"; not measured: {', '.join(unknown)}"
    return said + "."


def _p99(ours: Outcome, rivals: Iterable[Outcome], kind: Kind) -> float | None:
    """Give our p99 to the lowest of the rivals'."""
    ratios = [ratio for one in rivals if (ratio := ours.ratio(one, kind, 16, "p99_ms")) is not None]
    return max(ratios, default=None)
