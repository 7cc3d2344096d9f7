"""Compressed bodies are inflated within bounds, whole and alone, or refused in one sentence."""

import gzip
import json
import sys
import tracemalloc
import zlib
from collections.abc import Callable
from pathlib import Path

import httpx2
import pytest
from fastapi.testclient import TestClient

from service.errors import BodyTooLargeError, UnreadableBodyError, UnsupportedTypeError
from service.formats.compression import DEFLATE, GZIP, IDENTITY, ZSTD, content_encoding, inflate
from service.limits import Limits
from tests.service.bundles import GOLDEN_MODELS
from tests.service.programs import serving

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

COMPRESS: dict[bytes, Callable[[bytes], bytes]] = {GZIP: gzip.compress, DEFLATE: zlib.compress, ZSTD: zstd.compress}
EACH = pytest.mark.parametrize("encoding", [*COMPRESS], ids=bytes.decode)
LIMITS = Limits(inflated_bytes=1000)
GOOD = json.dumps({"samples": [[8.1, 121.5, 45.2, 11.1]] * 20, "ids": [*range(20)]}).encode()


@EACH
@pytest.mark.parametrize("body", [b"", b"x", b"x" * 999, b"x" * 1000, bytes(range(250)) * 4], ids=len)
def test_what_was_compressed_comes_back(encoding: bytes, body: bytes) -> None:
    assert inflate(encoding, COMPRESS[encoding](body), LIMITS) == body


@EACH
@pytest.mark.parametrize("size", [1001, 10_000_000])
def test_more_than_may_be_is_refused(encoding: bytes, size: int) -> None:
    with pytest.raises(BodyTooLargeError, match="a compressed body may hold 1,000 bytes") as refused:
        inflate(encoding, COMPRESS[encoding](bytes(size)), LIMITS)
    assert refused.value.details == {"max_inflated_bytes": 1000}


@EACH
def test_a_bomb_costs_no_more_than_the_limit(encoding: bytes) -> None:
    bomb = COMPRESS[encoding](bytes(200 << 20))
    tracemalloc.start()
    with pytest.raises(BodyTooLargeError):
        inflate(encoding, bomb, Limits(inflated_bytes=1 << 20))
    assert tracemalloc.get_traced_memory()[1] < 8 << 20
    tracemalloc.stop()


@EACH
def test_every_body_that_breaks_off_is_refused(encoding: bytes) -> None:
    whole = COMPRESS[encoding](GOOD)
    for length in range(len(whole)):
        with pytest.raises(UnreadableBodyError, match=r"the body is not (gzip|deflate|zstd)"):
            inflate(encoding, whole[:length], Limits())


@EACH
def test_every_byte_that_is_wrong_is_noticed_or_does_not_matter(encoding: bytes) -> None:
    # zstd's own command writes a checksum; what was made without one may be damaged unseen, and is then no JSON.
    checked: dict[int, int] = {zstd.CompressionParameter.checksum_flag: 1}
    whole = zstd.compress(GOOD, options=checked) if encoding == ZSTD else COMPRESS[encoding](GOOD)
    for place in range(len(whole)):
        damaged = bytearray(whole)
        damaged[place] ^= 0x55
        try:
            assert inflate(encoding, bytes(damaged), Limits()) == GOOD
        except (UnreadableBodyError, BodyTooLargeError):
            continue


@EACH
@pytest.mark.parametrize("more", [b"\x00", b"{}", "itself"])
def test_what_follows_the_end_is_refused(encoding: bytes, more: bytes | str) -> None:
    whole = COMPRESS[encoding](GOOD)
    tail = whole if isinstance(more, str) else more
    with pytest.raises(UnreadableBodyError, match=f"alone: {len(tail):,} bytes follow its end"):
        inflate(encoding, whole + tail, Limits())


@pytest.mark.parametrize(
    ("encoding", "body"),
    [
        (GZIP, zlib.compress(GOOD)),
        (DEFLATE, gzip.compress(GOOD)),
        (DEFLATE, zlib.compress(GOOD, wbits=-zlib.MAX_WBITS)),
        (DEFLATE, GOOD),
        (GZIP, zstd.compress(GOOD)),
        (GZIP, GOOD),
        (ZSTD, gzip.compress(GOOD)),
        (ZSTD, GOOD),
        (ZSTD, b"\x50\x2a\x4d\x18\x04\x00\x00\x00skip" + zstd.compress(GOOD)),
    ],
)
def test_what_is_compressed_in_another_way_is_refused(encoding: bytes, body: bytes) -> None:
    with pytest.raises(UnreadableBodyError):
        inflate(encoding, body, Limits())


def test_a_window_that_no_body_needs_is_refused() -> None:
    for window, allowed in ((23, True), (24, False)):
        parameters = zstd.CompressionParameter
        options: dict[int, int] = {parameters.window_log: window, parameters.content_size_flag: 0}
        compressor = zstd.ZstdCompressor(options=options)
        body = compressor.compress(GOOD) + compressor.flush()
        if allowed:
            assert inflate(ZSTD, body, Limits()) == GOOD
        else:
            with pytest.raises(UnreadableBodyError, match="not zstd"):
                inflate(ZSTD, body, Limits())


@pytest.mark.parametrize(
    ("values", "encoding"),
    [
        ([], IDENTITY),
        ([b"identity"], IDENTITY),
        ([b"gzip"], GZIP),
        ([b"X-GZIP"], GZIP),
        ([b" Zstd "], ZSTD),
        ([b"deflate"], DEFLATE),
        ([b"identity, gzip"], GZIP),
    ],
)
def test_the_header_says_how_a_body_is_compressed(values: list[bytes], encoding: bytes) -> None:
    assert content_encoding([(b"content-encoding", value) for value in values]) == encoding


@pytest.mark.parametrize("values", [[b"br"], [b"gzip, zstd"], [b"gzip", b"gzip"], [b"x-zstd"], [b""], [b"gzip;q=1"]])
def test_other_ways_to_compress_are_refused(values: list[bytes]) -> None:
    with pytest.raises(UnsupportedTypeError, match="once, with gzip, deflate or zstd, found"):
        content_encoding([(b"content-encoding", value) for value in values])


@EACH
@pytest.mark.parametrize("path", ["/score", "/reconstruct", "/encode", "/generate", "/streams/line-1/rows"])
def test_every_route_takes_compressed_bodies(client: TestClient, encoding: bytes, path: str) -> None:
    bodies = {"/generate": {"n": 3, "seed": 1}, "/streams/line-1/rows": {"rows": [[8.1, 121.5, 45.2, 11.1]]}}
    body = json.dumps(bodies[path]).encode() if path in bodies else GOOD
    headers = {"content-type": "application/json", "content-encoding": encoding.decode(), "x-request-id": "same"}
    compressed = client.post(path, content=COMPRESS[encoding](body), headers=headers)
    assert compressed.status_code == 200, compressed.text
    if "streams" not in path:
        del headers["content-encoding"]
        assert compressed.content == client.post(path, content=body, headers=headers).content


def test_how_much_is_inflated_is_a_setting(tmp_path: Path) -> None:
    headers = {"content-type": "application/json", "content-encoding": "gzip"}
    with serving(GOLDEN_MODELS, tmp_path / "log", PLUMBLINE_MAX_INFLATED_BYTES=str(len(GOOD) - 1)) as service:
        refused = httpx2.post(f"{service.url}/score", content=gzip.compress(GOOD), headers=headers)
        taken = httpx2.post(f"{service.url}/score", content=GOOD, headers={"content-type": "application/json"})
    assert (refused.status_code, taken.status_code) == (413, 200)
    assert refused.json()["error"]["details"] == {"max_inflated_bytes": len(GOOD) - 1}
