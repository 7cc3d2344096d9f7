"""Requests that two servers could take apart differently: each is refused, or read in the one way there is."""

from collections.abc import Iterator

import pytest

from tests.attacks.wire import GOOD_BODY, connect, everything, exchange, is_served, post
from tests.service.bundles import GOLDEN_MODELS
from tests.service.programs import Serving, serving

HIDDEN = b"GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n"
CHUNKED = b"Transfer-Encoding: chunked"
START = b"POST /score HTTP/1.1\r\nHost: x\r\n"
AMBIGUOUS = {
    "length and chunks": post(b"0\r\n\r\n" + HIDDEN, CHUNKED),
    "chunks and length": START + CHUNKED + b"\r\nContent-Length: 5\r\n\r\n0\r\n\r\n" + HIDDEN,
    "two lengths": post(GOOD_BODY, b"Content-Length: 5"),
    "the same length twice": post(GOOD_BODY, b"Content-Length: %d" % len(GOOD_BODY)),
    "a list of lengths": START + b"Content-Length: 5, 5\r\n\r\n12345",
    "a signed length": START + b"Content-Length: +5\r\n\r\n12345",
    "a length in hexadecimal": START + b"Content-Length: 0x5\r\n\r\n12345",
    "a length of nothing": START + b"Content-Length: \r\n\r\n" + HIDDEN,
    "a length beyond counting": START + b"Content-Length: " + b"9" * 5_000 + b"\r\n\r\n",
    "another coding behind chunks": START + b"Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
    "chunks twice": START + CHUNKED + b"\r\n" + CHUNKED + b"\r\n\r\n0\r\n\r\n" + HIDDEN,
    "a folded header": post(GOOD_BODY, b"X-A: b\r\n c"),
    "a space before the colon": START + b"Content-Length : 5\r\n\r\n12345",
    "a bare line feed": START + b"X-A: b\nContent-Length: 5\r\n\r\n12345",
    "a bare carriage return": START + b"X-A: b\rContent-Length: 5\r\n\r\n12345",
    "a zero byte": START + b"X-A: b\0\r\nContent-Length: 5\r\n\r\n12345",
    "no name of a header": START + b": x\r\n\r\n",
}

AMBIGUOUS_BODIES = {
    "a coding that is none": START + b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
    "a chunk of negative size": START + CHUNKED + b"\r\n\r\n-1\r\nx\r\n0\r\n\r\n",
    "a chunk beyond counting": START + CHUNKED + b"\r\n\r\n" + b"f" * 17 + b"\r\nx\r\n",
}


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    with serving(GOLDEN_MODELS, tmp_path_factory.mktemp("smuggling") / "log") as service:
        yield service


@pytest.mark.parametrize("name", AMBIGUOUS)
def test_what_could_be_read_in_two_ways_is_refused_and_nothing_hides_in_it(service: Serving, name: str) -> None:
    answer = exchange(service, AMBIGUOUS[name])
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert answer.count(b"HTTP/1.1 ") == 1
    assert b'"code":"bad_request"' in answer
    assert is_served(service)


@pytest.mark.parametrize("name", AMBIGUOUS_BODIES)
def test_a_body_that_cannot_be_told_from_what_follows_ends_the_connection(service: Serving, name: str) -> None:
    assert exchange(service, AMBIGUOUS_BODIES[name]) == b""
    assert is_served(service)


def test_an_answer_that_is_due_is_not_taken_for_that_to_what_is_no_request(service: Serving) -> None:
    answer = exchange(service, post() + b"no request\r\n\r\n")
    assert answer == b"" or answer.startswith(b"HTTP/1.1 200 ")
    assert b"HTTP/1.1 400" not in answer


def test_an_older_version_of_http_gets_one_answer_and_no_more(service: Serving) -> None:
    kept = post(GOOD_BODY, b"Connection: keep-alive", version=b"1.0")
    assert exchange(service, kept + kept).count(b"HTTP/1.1 200 ") == 1


@pytest.mark.parametrize("path", [b"/score", b"/encode"])
def test_what_follows_a_refused_body_is_read_from_where_it_begins(service: Serving, path: bytes) -> None:
    bad = post(b"x" * 300_000, path=path)
    with connect(service) as client:
        client.sendall(bad + post() + bad + post(GOOD_BODY, b"Connection: close"))
        answers = everything(client)
    assert [part[:3] for part in answers.split(b"HTTP/1.1 ")[1:]] == [b"400", b"200", b"400", b"200"]
