"""Some thousand of the inputs that ``python -m tests.attacks.fuzz`` goes on with for as long as one likes."""

from collections.abc import Iterator

import pytest

from tests.attacks.fuzz.target import Target, fuzz
from tests.attacks.fuzz.targets import NAMES, every_target

INPUTS = 1_500


@pytest.fixture(scope="module")
def targets() -> Iterator[dict[str, Target]]:
    with every_target() as targets:
        yield targets


@pytest.mark.parametrize("name", NAMES)
def test_whatever_comes_is_answered_or_refused(targets: dict[str, Target], name: str) -> None:
    outcome = fuzz(targets[name], seed=2026, inputs=INPUTS)
    assert outcome.inputs == INPUTS
    assert outcome.taken  # it gets beyond the first check


def test_no_target_is_left_out(targets: dict[str, Target]) -> None:
    assert (*targets,) == NAMES
