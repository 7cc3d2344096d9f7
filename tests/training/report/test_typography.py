"""Numbers as the report sets them."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.report.typography import (
    DASH,
    MINUS,
    NO_BREAK,
    count,
    duration,
    elided,
    measured,
    percent,
    quantity,
    signed,
)


def plain(text: str) -> str:
    """Write typographic signs as they are typed."""
    return text.translate(str.maketrans(f"{NO_BREAK}{MINUS}\N{MULTIPLICATION SIGN}", " -x")).replace(DASH, "--")


@pytest.mark.parametrize(
    ("share", "text"),
    [
        (0.0, "0 %"),
        (1.0, "100 %"),
        (0.01, "1 %"),
        (0.0775, "7.8 %"),
        (0.00229, "0.23 %"),
        (0.37, "37 %"),
        (0.36987, "37.0 %"),
        (1e-6, "0.00010 %"),
        (1e-9, "1.0x10⁻⁷ %"),
        (0.9997, "> 99.9 %"),
        (math.nan, "--"),
    ],
)
def test_a_share_reads_as_a_percentage(share: float, text: str) -> None:
    assert plain(percent(share)) == text


@given(st.floats(0, 1, exclude_min=True, exclude_max=True))
def test_only_nothing_reads_0_percent_and_only_everything_reads_100_percent(share: float) -> None:
    figure = plain(percent(share)).removesuffix(" %")
    assert figure not in {"0", "0.0", "100", "100.0"}


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"),
        (67.78, "67.8"),
        (9.999, "10.0"),
        (2088.4, "2,088"),
        (-0.0123, "-0.0123"),
        (1e30, "1.00x10³⁰"),
        (3.1e-7, "3.10x10⁻⁷"),
        (math.inf, "--"),
    ],
)
def test_a_quantity_keeps_three_digits(value: float, text: str) -> None:
    assert plain(quantity(value)) == text


def test_an_engineering_value_shows_what_its_spread_makes_visible() -> None:
    assert measured(1013.2471, 0.05) == "1,013.2471"
    assert measured(1013.2471, 12.0) == "1,013.2"
    assert measured(-0.0001, 1.0) == "0.00"
    assert plain(measured(-4.5, 1.0)) == "-4.50"
    assert measured(5.0, 0.0) == "5.000"
    assert plain(measured(1e30, 1.0)) == "1.000x10³⁰"


def test_a_deviation_carries_its_sign() -> None:
    assert [plain(signed(value)) for value in (2.13, -45.2, 0.0)] == ["+2.1", "-45", "0"]


def test_a_noun_follows_its_number() -> None:
    assert count(1, "row") == f"1{NO_BREAK}row"
    assert count(2400, "row") == f"2,400{NO_BREAK}rows"
    assert count(2400) == "2,400"


def test_a_duration_is_told_in_its_own_unit() -> None:
    assert [plain(duration(seconds)) for seconds in (33.91, 213, 9000)] == [
        "33.9 s",
        "4 min",
        "2.5 h",
    ]


def test_a_long_name_loses_its_middle() -> None:
    assert elided("flow") == "flow"
    short = elided("plant_3/unit_7/" + "x" * 100 + "/temperature")
    assert len(short) == 48
    assert short.startswith("plant_3/unit_7/")
    assert short.endswith("/temperature")
