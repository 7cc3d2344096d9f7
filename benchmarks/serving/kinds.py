"""Kinds of requests, and the points of load: each kind over so many connections."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Kind:
    """So many samples in a request, as JSON or as raw float32."""

    name: str
    samples: int
    binary: bool = False


SINGLE = Kind("single JSON", 1)
BATCH = Kind("256 JSON", 256)
BINARY = Kind("256 binary", 256, binary=True)
KINDS = (SINGLE, BATCH, BINARY)
CONNECTIONS = (1, 16, 64)


@dataclass(frozen=True)
class Point:
    """One kind of request over so many connections."""

    kind: Kind
    connections: int


POINTS = tuple(Point(kind, connections) for kind in KINDS for connections in CONNECTIONS)
