import pytest
from pydantic import ValidationError

from model.explanation import CleanReading, Explanation

READING = CleanReading(low=0.0, high=1.0, scale=0.2, half_width=0.1)


def test_a_range_that_is_upside_down_is_refused() -> None:
    with pytest.raises(ValidationError, match=r"low \(2.0\) must not be above high \(1.0\)"):
        CleanReading(low=2.0, high=1.0, scale=0.2)


@pytest.mark.parametrize("scale", [0.0, -1.0, float("nan"), float("inf")])
def test_a_spread_that_is_none_is_refused(scale: float) -> None:
    with pytest.raises(ValidationError, match="scale"):
        CleanReading(low=0.0, high=1.0, scale=scale)


def test_a_place_is_one_line() -> None:
    with pytest.raises(ValidationError, match="sketch_places"):
        Explanation(coverage=0.95, rows=20, readings=(READING,), sketch_places=("row\n1",))


def test_a_sketch_of_too_many_rows_is_refused() -> None:
    with pytest.raises(ValidationError, match="sketch_places"):
        Explanation(coverage=0.95, rows=20, readings=(READING,), sketch_places=("row",) * 1001)
