"""One connection to a server, asked one request after the other. Requests are bytes, so that they cost the client little."""

import asyncio
import contextlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self
from urllib.parse import urlsplit

from benchmarks.errors import MeasurementError

TIMEOUT_SECONDS = 60.0


@dataclass(frozen=True)
class Answer:
    """What came back; the names of ``headers`` are in lower case."""

    status: int
    headers: Mapping[bytes, bytes]
    body: bytes


def request_of(
    path: str,
    body: bytes | None = None,
    content_type: str = "application/json",
    headers: Mapping[str, str] | None = None,
) -> bytes:
    """Write a request: POST where there is a ``body``, else GET."""
    lines = [f"{'GET' if body is None else 'POST'} {path} HTTP/1.1", "Host: localhost"]
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
    if body is not None:
        lines += [f"Content-Type: {content_type}", f"Content-Length: {len(body)}"]
    return "\r\n".join([*lines, "", ""]).encode() + (body or b"")


class Client:
    """A connection that is opened when it is needed."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._host, self._port = parts.hostname or "", parts.port or 80
        self._stream: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        self.close()

    async def ask(self, request: bytes) -> Answer:
        """Send ``request`` and wait for its answer.

        Raises:
            MeasurementError: the connection broke, or the answer did not come.
        """
        try:
            async with asyncio.timeout(TIMEOUT_SECONDS):
                reader = await self._send(request)
                answer = await _read(reader)
        except (OSError, EOFError, TimeoutError) as error:
            self.close()
            raise MeasurementError(f"a request was not answered: {error!r}") from error
        if answer.headers.get(b"connection") == b"close":
            self.close()
        return answer

    async def leave(self, request: bytes) -> None:
        """Send ``request`` and go away before the answer."""
        with contextlib.suppress(OSError):
            await self._send(request)
        self.close()

    async def _send(self, request: bytes) -> asyncio.StreamReader:
        if self._stream is not None and self._stream[0].at_eof():  # closed by the server for being idle
            self.close()
        if self._stream is None:
            self._stream = await asyncio.open_connection(self._host, self._port)
        reader, writer = self._stream
        writer.write(request)
        await writer.drain()
        return reader

    def close(self) -> None:
        if self._stream is not None:
            self._stream[1].transport.abort()
            self._stream = None


async def _read(reader: asyncio.StreamReader) -> Answer:
    head = await reader.readuntil(b"\r\n\r\n")
    status, *lines = head[:-4].split(b"\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(b":") for line in lines)}
    body = await reader.readexactly(int(headers.get(b"content-length", b"0")))
    return Answer(int(status.split()[1]), headers, body)
