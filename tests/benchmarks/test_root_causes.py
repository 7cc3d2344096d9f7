from benchmarks.real_data.tep import VARIABLES
from benchmarks.root_causes import CAUSES, most_named


def test_those_named_most_often_come_first_and_the_place_of_the_cause_has_a_star() -> None:
    assert most_named([2, 1, 2, 2, 0], ("a", "b", "c"), ("b",)) == "c 60%, b* 20%, a 20%"


def test_every_variable_of_a_cause_is_one_of_the_process() -> None:
    assert {name for _, place in CAUSES.values() for name in place} <= set(VARIABLES)
