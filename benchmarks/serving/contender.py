"""Who is measured: a server, the requests it understands, the scores it must answer; and who is missing."""

from collections.abc import Mapping
from dataclasses import dataclass

from benchmarks.server import Command
from benchmarks.serving.kinds import Kind
from benchmarks.serving.request import Request, Scores


@dataclass(frozen=True)
class Contender:
    """A server to be started. ``scores`` [B], within ``rtol``, are those of the samples in its requests."""

    name: str
    command: Command
    requests: Mapping[Kind, Request]
    scores: Scores
    rtol: float
    two_cores: bool = False


@dataclass(frozen=True)
class Missing:
    """A server without figures, or without those of one kind of request, and why."""

    name: str
    reason: str
