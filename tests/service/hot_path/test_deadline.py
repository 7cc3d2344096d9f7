from time import perf_counter

import pytest

from service.errors import UnreadableHeaderError
from service.hot_path.deadline import HEADER, deadline_of


def test_without_a_header_it_is_what_the_service_allows() -> None:
    assert deadline_of([(b"host", b"x")], 5.0) == pytest.approx(perf_counter() + 5, abs=0.5)


@pytest.mark.parametrize(("asked", "seconds"), [(b"0.25", 0.25), (b"600", 5.0)])
def test_a_client_may_ask_for_less_and_not_for_more(asked: bytes, seconds: float) -> None:
    assert deadline_of([(HEADER, asked)], 5.0) == pytest.approx(perf_counter() + seconds, abs=0.2)


@pytest.mark.parametrize("asked", [b"", b"soon", b"0", b"-1", b"nan", b"inf", b"1e9"])
def test_anything_else_is_refused_with_what_was_found(asked: bytes) -> None:
    with pytest.raises(UnreadableHeaderError, match="must be a number of seconds"):
        deadline_of([(HEADER, asked)], 5.0)
