"""What hostile clients need: sockets, bytes of requests, answers as they come, and what a process holds."""

import resource
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

from tests.service.programs import PATIENCE_SECONDS, Serving

GOOD_BODY = b'{"samples": [[8.1, 121.5, 45.2, 11.1]]}'


def post(body: bytes = GOOD_BODY, *headers: bytes, path: bytes = b"/score", version: bytes = b"1.1") -> bytes:
    lines = [b"POST %b HTTP/%b" % (path, version), b"Host: x", b"Content-Length: %d" % len(body), *headers]
    return b"\r\n".join([*lines, b"", body])


def connect(service: Serving, received_bytes: int | None = None) -> socket.socket:
    """Open a connection; ``received_bytes`` bounds what the client's own system takes in for it."""
    at = urlsplit(service.url)
    client = socket.socket()
    if received_bytes is not None:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, received_bytes)
    client.settimeout(PATIENCE_SECONDS)
    client.connect((at.hostname or "", at.port or 0))
    return client


def everything(client: socket.socket) -> bytes:
    """Read until the other side ends the connection."""
    parts = []
    try:
        while part := client.recv(1 << 20):
            parts.append(part)
    except ConnectionError:
        pass
    return b"".join(parts)


def exchange(service: Serving, sent: bytes) -> bytes:
    """Send bytes on a connection of their own and say that there are no more."""
    with connect(service) as client:
        client.sendall(sent)
        client.shutdown(socket.SHUT_WR)
        return everything(client)


def is_served(service: Serving) -> bool:
    """Ask, as a good client among bad ones."""
    connection = HTTPConnection(urlsplit(service.url).netloc, timeout=PATIENCE_SECONDS)
    try:
        connection.request("POST", "/score", GOOD_BODY, {"Content-Type": "application/json"})
        answer = connection.getresponse()
        return answer.status == 200 and b'"verdict":"normal"' in answer.read()
    finally:
        connection.close()


def resident_mib(service: Serving) -> float:
    for line in Path("/proc", str(service.process.pid), "status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    raise AssertionError("the service is gone")


def open_files(service: Serving) -> int:
    return sum(1 for _ in Path("/proc", str(service.process.pid), "fd").iterdir())


@contextmanager
def many_connections(service: Serving, wanted: int) -> Iterator[list[socket.socket]]:
    """Open as many connections as this process may, up to ``wanted``."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    allowed = wanted + 200 if hard == resource.RLIM_INFINITY else min(hard, wanted + 200)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, allowed), hard))
    with ExitStack() as opened:
        yield [opened.enter_context(connect(service)) for _ in range(min(wanted, max(soft, allowed) - 200))]
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
