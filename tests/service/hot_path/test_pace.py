import math

from service.hot_path.pace import Pace


def test_nothing_is_expected_to_be_quick_that_was_never_seen() -> None:
    assert math.isinf(Pace().expect(1))


def test_what_took_long_is_expected_to_take_long() -> None:
    pace = Pace()
    pace.learn(300, 0.5)
    assert pace.expect(500) == 0.5


def test_a_smaller_batch_is_expected_to_take_no_longer_than_a_larger_one_did() -> None:
    pace = Pace()
    pace.learn(300, 0.5)
    assert pace.expect(1) == 0.5
    assert math.isinf(pace.expect(1000))


def test_one_slow_run_does_not_make_a_model_slow() -> None:
    pace = Pace()
    for seconds in (0.001, 0.001, 1.0, *[0.001] * 30):
        pace.learn(1, seconds)
    assert pace.expect(1) < 0.003
