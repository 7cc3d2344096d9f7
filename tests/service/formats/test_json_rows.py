"""The fast reader of plain bodies says what the careful one says, or leaves the body to it."""

import json
import random
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model.features import FeatureSpec
from service.errors import RequestError
from service.formats.json_request import read_json_request
from service.formats.json_rows import KEPT_BYTES, read_plain
from service.hot_path import plain as hot_path
from service.limits import Limits
from service.sample_request import RECONSTRUCT_FIELDS, SCORE_FIELDS, SampleRequest, parse_request
from tests.samples import FEATURES

SPEC = FeatureSpec(features=FEATURES)
WIDTH, STEPS = len(SPEC), 2
LIMITS = Limits(samples=5, explained_values=12, fully_explained_values=4)
BODIES = settings(deadline=None, max_examples=1500)
SEEDS = st.integers(0, 2**40)

EDGES = "-0 -0.0 0e0 1e400 -1e-400 18446744073709551616 9007199254740993 2.2250738585072011e-308 123456789012345678901".split()
ODD = 'NaN Infinity null true false "8" {} [] [8] {"a":1} 01 +1 .5 1. 0x1 - 1e \\u0031'.split()
ODD += ["", "8 8", "8,8"]
SPACE = ["", " ", "\n", "\t \r", "\f", "\x00", "\u00a0"]
KEYS = ['"s\\u0061mples"', '"\\ud800"', '"ids"', '"explain"', '"purify"', '"Samples"', '""', "samples", '"samples"']
IDS = [
    '["a","b"]',
    "[7]",
    '["["]',
    '["\\udc00"]',
    "[[1], 2]",
    "[1.5]",
    "[true]",
    "null",
    "{}",
    '"ab"',
    '["\\"{"]',
    "[]",
]
EXPLAIN = ["true", "false", '"full"', '"partly"', "1", "null", "[]", "{}"]


def number(draw: random.Random) -> str:
    digits = str(draw.randrange(10 ** draw.randrange(1, 20)))
    fraction = draw.choice(["", f".{draw.randrange(10**20)}", f".{draw.randrange(100):02d}"])
    exponent = draw.choice(["", "", f"e{draw.randrange(-330, 280)}", f"E+{draw.randrange(99)}"])
    return draw.choice(["", "-"]) + digits + fraction + exponent


def written(draw: random.Random, windows: bool) -> bytes:
    """Write a body: half of them plain, the others odd in one place or a few."""

    def odd(usual: str, unusual: list[str], chance: float) -> str:
        return draw.choice(unusual) if draw.random() < chance else usual

    oddity = draw.choice([0.0, 0.0, 0.03, 0.1])

    def row() -> str:
        count = draw.randrange(7) if draw.random() < oddity / 4 else WIDTH
        return odd(f"[{','.join(odd(number(draw), EDGES + ODD, oddity) for _ in range(count))}]", ODD, oddity / 4)

    def window() -> str:
        count = draw.randrange(4) if draw.random() < oddity / 4 else STEPS
        return odd(f"[{','.join(row() for _ in range(count))}]", ODD, oddity / 4)

    def samples() -> str:
        count = draw.choice([1, 2, 3, 5, 6]) if oddity else draw.choice([1, 2, 5])
        gap = odd("", SPACE, 0.1)
        return f"[{f',{gap}'.join(window() if windows else row() for _ in range(count))}{gap}]"

    name = odd(KEYS[-1], KEYS, oddity / 2)
    fields = [f"{name}:{samples()}"]
    if draw.random() < 0.3:
        fields.append(f'"ids":{draw.choice(IDS)}')
    if draw.random() < 0.3:
        name = odd('"explain"', KEYS, 0.3)
        fields.append(f"{name}:{draw.choice(EXPLAIN)}")
    if draw.random() < oddity:
        fields.append(f"{draw.choice(KEYS)}:{draw.choice([samples(), *IDS, *EXPLAIN])}")
    draw.shuffle(fields)
    gap, after = odd("", SPACE, 0.2), odd("", ["x", "]", "}", "{}", "\x00", "\n"], oddity / 2)
    return f"{odd('', SPACE, oddity)}{{{gap}{f',{gap}'.join(fields)}}}{gap}{after}".encode()


def outcome(read: Callable[..., SampleRequest], body: bytes, fields: frozenset[str], steps: int | None) -> Any:
    try:
        found = read(body, SPEC, LIMITS, fields, steps)
    except RequestError as error:
        return type(error), str(error), error.details
    x = found.x
    return x.shape, x.tobytes(), found.unreadable, [*map(repr, found.ids)], found.explain, found.purify


def agree(body: bytes, steps: int | None = None) -> bool:
    """Compare the readers; say whether the fast one read the body."""
    for fields in (SCORE_FIELDS, RECONSTRUCT_FIELDS):
        found = outcome(read_json_request, body, fields, steps)
        assert found == outcome(parse_request, body, fields, steps), body
        hot = hot_path.read_plain(body, WIDTH, LIMITS.samples, steps)
        if hot is not None:
            ids = ["None"] * hot.rows if hot.ids is None else [*map(repr, hot.ids)]
            assert (found[0][0], *found[1:4]) == (hot.rows, hot.values, {}, ids), body
    return read_plain(body, WIDTH, LIMITS.samples, steps) is not None


def test_about_half_of_the_bodies_compared_here_are_read_fast() -> None:
    for windows in (False, True):
        taken = [agree(written(random.Random(seed), windows), STEPS if windows else None) for seed in range(400)]
        assert 100 < sum(taken) < 300


@BODIES
@given(SEEDS)
def test_rows_are_read_as_the_careful_reader_reads_them(seed: int) -> None:
    agree(written(random.Random(seed), windows=False))


@BODIES
@given(SEEDS)
def test_windows_are_read_as_the_careful_reader_reads_them(seed: int) -> None:
    agree(written(random.Random(seed), windows=True), STEPS)


@BODIES
@given(SEEDS)
def test_a_damaged_body_is_read_as_the_careful_reader_reads_it(seed: int) -> None:
    draw = random.Random(seed)
    body = bytearray(written(draw, windows=False))
    for _ in range(draw.randrange(1, 4)):
        place = draw.randrange(len(body) + 1)
        body[place : place + draw.randrange(3)] = draw.choice(
            [draw.randbytes(draw.randrange(3)), b"[", b"]", b",", b"0"]
        )
    agree(bytes(body))


TRICKY = [
    b'{"samples":[[1,2,3,4]]}\x00',
    b'\xef\xbb\xbf{"samples":[[1,2,3,4]]}',
    b'{"samples":[[[1],[2],[3],[4]]]}',
    b'{"samples":[[1,2,3,[4]]]}',
    b'{"samples":[[1,2,3,4],[5]],"samples":[[1,2,3,4]]}',
    b'{"samples":[["1","2","3","4"]]}',
    b'{"samples":["abcd"]}',
    b'{"samples":"abcd"}',
    b'{"samples":[[1,2,3,true]]}',
    b'{"samples":[[1,2,3,4]],"ids":["[["]}',
    b'{"samples":[[1,2,3,4]],"ids":[[7]]}',
    b'{"samples":[[1,2,3,-1e-400]],"explain":"full"}',
    b'{"samples":[[1,2,3,4],[1,2,3,4]],"explain":"full","ids":[]}',
]
TRICKY_WINDOWS = [
    b'{"samples":[[[1,2,3,4]]]}',
    b'{"samples":[[1,2,3,4],[1,2,3,4]]}',
    b'{"samples":[[[1,2,3,4],[1,2,3,[4]]]]}',
    b'{"samples":["ab"]}',
]


@pytest.mark.parametrize("body", TRICKY, ids=str)
def test_a_tricky_body_is_read_as_the_careful_reader_reads_it(body: bytes) -> None:
    agree(body)


@pytest.mark.parametrize("body", TRICKY_WINDOWS, ids=str)
def test_tricky_windows_are_read_as_the_careful_reader_reads_them(body: bytes) -> None:
    agree(body, STEPS)


def test_random_numbers_are_read_to_the_last_bit() -> None:
    draw = random.Random(0)
    for _ in range(300):
        digits = [
            f"{draw.choice(['', '-'])}{draw.randrange(10 ** draw.randrange(1, 25))}"
            f"{draw.choice(['', f'.{draw.randrange(10**20)}'])}{draw.choice(['', f'e{draw.randrange(-330, 280)}'])}"
            for _ in range(WIDTH)
        ]
        agree(f'{{"samples": [[{", ".join(digits)}]]}}'.encode())


@pytest.mark.parametrize(
    "body",
    [
        b'{"samples":[[1,2,3,4]]}',
        b' {"samples":[[1,2,3,4]]}'[1:] + b"\n",
        b'{\n  "samples": [\n    [1, 2.5, -3e2, 4],\n    [0, 0, 0, 18446744073709551615]\n  ]\n}\n',
        b'{"samples":[[1,2,3,4]],"ids":["a"]}',
        b'{"explain":true,"samples":[[1,2,3,4]],"ids":[7]}',
    ],
    ids=str,
)
def test_plain_bodies_are_read_fast(body: bytes) -> None:
    assert agree(body)
    assert read_plain(body, WIDTH, LIMITS.samples) is not None


def test_plain_windows_are_read_fast() -> None:
    body = json.dumps({"samples": np.arange(24.0).reshape(3, STEPS, WIDTH).tolist()}).encode()
    assert agree(body, STEPS)


def test_a_body_of_any_length_is_read_fast() -> None:
    many = np.random.default_rng(0).normal(size=(30_000, WIDTH))
    body = json.dumps({"samples": many.tolist()}).encode()
    assert len(body) > KEPT_BYTES
    found = read_plain(body, WIDTH, 30_000)
    assert found is not None
    assert (found.x == many).all()


def test_a_body_that_cannot_be_read_leaves_the_reader_ready_for_the_next() -> None:
    for bad in (b'{"samples":[[1,2,3,null]]}', b'{"samples":[[1,2,3', b'{"samples":[[1,2,3,"x"]]}', b"[1]", b""):
        assert read_plain(bad, WIDTH, LIMITS.samples) is None
        assert agree(b'{"samples":[[1,2,3,4]]}')


def test_what_was_read_outlives_the_next_body() -> None:
    first = read_plain(b'{"samples":[[1,2,3,4]]}', WIDTH, LIMITS.samples)
    read_plain(b'{"samples":[[5,6,7,8]]}', WIDTH, LIMITS.samples)
    assert first is not None
    assert first.x.tolist() == [[1, 2, 3, 4]]


def test_threads_read_side_by_side() -> None:
    failed: list[int] = []

    def read(number: int) -> None:
        body = json.dumps({"samples": [[number] * WIDTH] * 5}).encode()
        for _ in range(300):
            found = read_plain(body, WIDTH, LIMITS.samples)
            if found is None or (found.x != number).any():
                failed.append(number)

    threads = [threading.Thread(target=read, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []


def test_without_simdjson_every_body_is_read_with_care() -> None:
    program = """
import sys
from importlib.machinery import PathFinder
find = PathFinder.find_spec
PathFinder.find_spec = lambda name, *rest: None if name == "simdjson" else find(name, *rest)
from service.formats.json_rows import read_plain
assert "simdjson" not in sys.modules
assert read_plain(b'{"samples":[[1]]}', 1, 9) is None
"""
    subprocess.run([sys.executable, "-c", program], cwd=Path(__file__).parents[3], check=True)
