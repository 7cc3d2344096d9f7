"""The wait that is foretold, and who is let in by it. A line's first has waited so long, and so much has left since."""

from time import perf_counter

import pytest

from service.errors import OverloadedError
from service.hot_path.wait import Place, check_wait

PATIENCE = 1.0
NEVER = 1e9


def is_let_in(waited: float, left: int, length: int, seconds: float = NEVER) -> bool:
    now = perf_counter()
    try:
        check_wait(Place(now - waited, 100), 100 + left, length, PATIENCE, now + seconds)
    except OverloadedError:
        return False
    return True


@pytest.mark.parametrize(
    ("waited", "left", "length", "expected"),
    [
        (0.4, 400, 900, True),  # 0.9 s at a thousand a second
        (0.4, 400, 1_100, False),
        (0.9, 400, 100, True),  # longer than the first has waited it is not
        (1.1, 400, 100, False),
        (0.9, 0, 1_000_000, True),  # nothing is known of its speed
        (0.2, 1, 1_000_000, True),  # and here not enough
    ],
)
def test_the_line_is_taken_to_move_on_as_it_has(waited: float, left: int, length: int, expected: bool) -> None:
    assert is_let_in(waited, left, length) == expected


def test_a_deadline_counts_where_it_comes_before_patience_ends() -> None:
    assert is_let_in(0.1, 100, 150, seconds=0.5)
    assert not is_let_in(0.1, 100, 300, seconds=0.5)
    assert not is_let_in(0.1, 100, 100, seconds=-1.0)
