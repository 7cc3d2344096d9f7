import shutil
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.server import Command
from benchmarks.serving.comparison import compare, own
from benchmarks.serving.contenders import PLUMBLINE
from benchmarks.serving.kinds import BATCH, BINARY, SINGLE, Point
from benchmarks.serving.race import Plan
from benchmarks.serving.rivals import BARE, FASTAPI, TRITON, Rival
from tests.golden.bundle import GOLDEN_BUNDLE

BROKEN = replace(FASTAPI, name="broken", command=lambda place: Command(lambda port: (sys.executable, "-c", "exit(1)")))
WRONG = replace(BARE, name="wrong", requests=lambda x: BARE.requests(x + 1))
PLAN = Plan(1, 1, (Point(SINGLE, 2), Point(BINARY, 2)))


@pytest.mark.skipif(shutil.which("wrk") is None, reason="wrk is not installed")
def test_servers_with_the_right_scores_are_measured_and_the_others_listed_with_a_reason(tmp_path: Path) -> None:
    rivals: tuple[Rival, ...] = (BARE, FASTAPI, TRITON, BROKEN, WRONG)
    found = compare({PLUMBLINE: GOLDEN_BUNDLE}, rivals, tmp_path / "environments", PLAN, tmp_path)
    assert [one.name for one in found.outcomes] == [PLUMBLINE, BARE.name, FASTAPI.name]
    for one in found.outcomes:
        assert one.start_seconds > 0
        assert one.resident_mib > 20
        at = one.at(SINGLE, 2)
        assert at is not None
        assert at.figures.rate > 0
        assert at.figures.cpu_us > 0
    assert own(found).ratio(found.outcomes[1], SINGLE, 2, "rate") is not None
    assert found.outcomes[2].at(BINARY, 2) is None  # it has no such request
    reasons = {one.name: one.reason for one in found.missing if one.name != PLUMBLINE}
    assert reasons.keys() == {TRITON.name, "broken", "wrong"}
    assert "--install" in reasons[TRITON.name]
    assert "did not become ready" in reasons["broken"]
    assert reasons["wrong"] == f"{SINGLE.name}: does not give 1 samples the scores that the bundle does"
    assert BATCH not in {point.point.kind for one in found.outcomes for point in one.points}
