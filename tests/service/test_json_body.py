import math
from typing import Any

import pytest

from service.errors import UnreadableBodyError
from service.json_body import parse_json


def test_numbers_beyond_floating_point_are_read_as_infinite() -> None:
    assert parse_json(b"[1e999, -1e999]") == [math.inf, -math.inf]


def test_integers_of_any_length_are_read() -> None:
    assert parse_json(b"[%s, -%s]" % (b"9" * 400, b"9" * 9000)) == [math.inf, -math.inf]


def test_infinity_literals_are_read() -> None:
    assert parse_json(b"[Infinity, -Infinity]") == [math.inf, -math.inf]


def test_a_nan_literal_is_read() -> None:
    assert parse_json(b'{"a": [NaN, 3]}') == {"a": [pytest.approx(math.nan, nan_ok=True), 3]}


@pytest.mark.parametrize("number", [7, 1_700_000_000_000_000_000, -(2**63), 2**64 - 1, 2**64, -(2**63) - 1])
def test_a_nan_literal_changes_nothing_about_how_integers_are_read(number: int) -> None:
    beside: Any = parse_json(b'{"samples": [NaN], "ids": [%d]}' % number)
    alone: Any = parse_json(b'{"ids": [%d]}' % number)
    assert [*map(repr, beside["ids"])] == [*map(repr, alone["ids"])]


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "not JSON"),
        (b"\xff\xfe[]", "not UTF-8: invalid start byte at byte 0"),
        (b'{"samples": [[1, 2', "not JSON"),
        (b'{"samples": [[1, 2]]} x', "not JSON"),
        (b'["\\ud800"]', "not JSON"),
        (b'[NaN, "\\ud800"]', "not JSON"),
        (b"[" * 100_000, "not JSON"),
        (b"[" * 600 + b"NaN" + b"]" * 600, "not JSON"),
        (b"[" * 100_000 + b"NaN" + b"]" * 100_000, "nested too deeply"),
    ],
    ids=str,
)
def test_what_is_not_json_is_refused(body: bytes, said: str) -> None:
    with pytest.raises(UnreadableBodyError, match=said):
        parse_json(body)
