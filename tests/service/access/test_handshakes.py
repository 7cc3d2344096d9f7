import asyncio
import time
from pathlib import Path

import pytest

from service.access.handshakes import new_loop
from service.access.tls import Tls
from tests.service.access.certificates import Authority


def test_who_connects_and_does_not_shake_hands_is_cut_off(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("service.access.handshakes.HANDSHAKE_SECONDS", 0.3)
    signed = Authority(tmp_path).sign("server")

    async def talk() -> None:
        tls = Tls(signed.certificate, signed.key).context()
        server = await asyncio.get_running_loop().create_server(asyncio.Protocol, "127.0.0.1", 0, ssl=tls)
        async with server:
            start = time.monotonic()
            reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
            assert await asyncio.wait_for(reader.read(), 10) == b""
            assert 0.2 < time.monotonic() - start < 5
            writer.close()

    with asyncio.Runner(loop_factory=new_loop) as runner:
        runner.run(talk())


def test_without_tls_a_server_is_as_it_was() -> None:
    async def talk() -> None:
        async with await asyncio.get_running_loop().create_server(asyncio.Protocol, "127.0.0.1", 0) as server:
            _, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
            writer.close()

    with asyncio.Runner(loop_factory=new_loop) as runner:
        runner.run(talk())
