"""Clients that are slow, many or greedy: each is bounded, and others are served meanwhile."""

import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from tests.attacks.wire import (
    GOOD_BODY,
    connect,
    everything,
    exchange,
    is_served,
    many_connections,
    open_files,
    post,
    resident_mib,
)
from tests.samples import clean_rows
from tests.service.bundles import GOLDEN_MODELS
from tests.service.programs import Serving, serving

MANY = 10_000
LARGE = json.dumps({"samples": clean_rows(2_000).tolist()}).encode()


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    log = tmp_path_factory.mktemp("hostile") / "log"
    with serving(GOLDEN_MODELS, log, PLUMBLINE_MAX_BODY_SECONDS="2", PLUMBLINE_MAX_CONNECTIONS="20000") as service:
        yield service


@pytest.mark.parametrize("sent", [post()[:20], post(GOOD_BODY)[:-5]], ids=["head", "body"])
def test_slow_requests_keep_nobody_waiting(service: Serving, sent: bytes) -> None:
    with ExitStack() as opened:
        clients = [opened.enter_context(connect(service)) for _ in range(300)]
        for client in clients:
            client.sendall(sent)
        began = time.monotonic()
        for k in range(20):
            clients[k].sendall(b" ")
            assert is_served(service)
        assert time.monotonic() - began < 20


def test_a_slow_body_is_given_up_however_it_trickles(service: Serving) -> None:
    with connect(service) as client:
        client.sendall(post(b" " * 1_000)[:-1_000])
        began = time.monotonic()
        try:
            while time.monotonic() - began < 30:
                client.sendall(b" ")
                time.sleep(0.05)
        except ConnectionError:
            pass
        assert time.monotonic() - began < 20
    assert is_served(service)


@pytest.mark.parametrize("path", [b"/score", b"/encode"])
def test_a_client_that_pipelines_and_never_reads_costs_little_memory(service: Serving, path: bytes) -> None:
    requests = post(path=path) * 500
    is_served(service)
    before = resident_mib(service)
    with connect(service, received_bytes=4_096) as client:
        client.settimeout(1)
        end = time.monotonic() + 5
        try:
            while time.monotonic() < end:
                client.send(requests)
        except TimeoutError:
            pass  # it takes no more: that is the point
        assert is_served(service)
        assert resident_mib(service) - before < 40


@pytest.mark.parametrize("path", [b"/score", b"/encode"])
def test_thousands_of_pipelined_requests_are_all_answered(service: Serving, path: bytes) -> None:
    count = 1_500
    before = resident_mib(service)
    with connect(service) as client:
        sender = threading.Thread(
            target=client.sendall,
            args=(post(path=path) * (count - 1) + post(GOOD_BODY, b"Connection: close", path=path),),
        )
        sender.start()
        assert everything(client).count(b"HTTP/1.1 200 OK") == count
        sender.join()
    assert resident_mib(service) - before < 40


def test_pipelined_bodies_larger_than_what_is_read_at_once_are_answered(service: Serving) -> None:
    requests = (post(LARGE) + post(LARGE, path=b"/encode") + post()) * 4 + post(GOOD_BODY, b"Connection: close")
    with connect(service) as client:
        sender = threading.Thread(target=client.sendall, args=(requests,))
        sender.start()
        assert everything(client).count(b"HTTP/1.1 200 OK") == 13
        sender.join()


def test_ten_thousand_idle_connections_are_borne_and_given_up(service: Serving) -> None:
    files, before = open_files(service), resident_mib(service)
    with many_connections(service, MANY) as clients:
        assert len(clients) >= 1_000  # as many as this machine allows
        assert is_served(service)
        assert (resident_mib(service) - before) * 1024 / len(clients) < 40  # KiB each
    end = time.monotonic() + 60
    while open_files(service) > files + 5 and time.monotonic() < end:
        time.sleep(0.1)
    assert open_files(service) <= files + 5


def test_a_flood_of_connections_that_go_at_once_leaves_nothing(service: Serving) -> None:
    files = open_files(service)
    for k in range(2_000):
        with connect(service) as client:
            if k % 2:
                client.sendall(post()[: k % len(post())])
    assert is_served(service)
    end = time.monotonic() + 30
    while open_files(service) > files + 5 and time.monotonic() < end:
        time.sleep(0.1)
    assert open_files(service) <= files + 5


def test_many_headers_and_huge_ones_are_refused(service: Serving) -> None:
    several = post(GOOD_BODY, *[b"X-%d: y" % number for number in range(2_000)], b"Connection: close")
    assert exchange(service, several).startswith(b"HTTP/1.1 200 ")
    for head in (post(GOOD_BODY, b"X: " + b"a" * 100_000), post(GOOD_BODY, *[b"X-%d: y" % k for k in range(20_000)])):
        assert exchange(service, head).startswith(b"HTTP/1.1 431 ")
    assert is_served(service)


def test_a_slow_reader_who_does_read_gets_everything(service: Serving) -> None:
    with connect(service, received_bytes=4_096) as client:
        client.sendall(post(LARGE, b"Connection: close"))
        parts = [b""]
        while part := client.recv(8_192):
            parts.append(part)
            time.sleep(0.002)
    assert b"".join(parts).endswith(b"}]}")


def test_half_closed_connections_are_let_go(service: Serving) -> None:
    files = open_files(service)
    clients = [connect(service) for _ in range(50)]
    for client in clients:
        client.sendall(post()[:30])
        client.shutdown(socket.SHUT_WR)
    end = time.monotonic() + 30
    while open_files(service) > files and time.monotonic() < end:
        time.sleep(0.1)
    assert open_files(service) <= files
    for client in clients:
        client.close()
