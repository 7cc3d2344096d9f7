from benchmarks.serving.contenders import PLUMBLINE
from benchmarks.serving.figures import Figures
from benchmarks.serving.kinds import BATCH, BINARY, POINTS, SINGLE, Kind
from benchmarks.serving.outcome import Outcome, Round, over_rounds
from benchmarks.serving.rivals import BARE, FASTAPI, MLSERVER, TRITON, TRITON_TWO
from benchmarks.serving.targets import judge, sentence

ALL = (SINGLE, BATCH, BINARY)


def outcome(name: str, rate: float, latency: float = 1, cpu: float = 1, kinds: tuple[Kind, ...] = ALL) -> Outcome:
    figures = {point: Figures(rate, latency, 2 * latency, cpu, 0) for point in POINTS if point.kind in kinds}
    return over_rounds(name, [Round(1.0, 100.0, figures)] * 3)


def test_a_service_that_reaches_everything_is_told_so_in_a_sentence() -> None:
    rivals = [
        outcome(FASTAPI.name, 100, 1.1, kinds=(SINGLE, BATCH)),
        outcome(TRITON.name, 250),
        outcome(BARE.name, 400),
    ]
    targets = judge([outcome(PLUMBLINE, 500, 1, 0.7), *rivals])
    assert all(target.holds for target in targets)
    assert sentence(targets) == "Of 14 targets 14 hold."


def test_what_is_not_kept_is_named_with_what_was_found() -> None:
    rivals = [outcome(FASTAPI.name, 100), outcome(TRITON.name, 400, 0.5), outcome(BARE.name, 400)]
    targets = judge([outcome(PLUMBLINE, 460), *rivals])
    found = sentence(targets)
    assert "single JSON, requests/s to Triton's >= 1.4 (is 1.15)" in found
    assert "256 JSON, requests/s to FastAPI's >= 5 (is 4.60)" in found
    assert "single JSON, p99 over 16 to the best rival's <= 1 (is 2.00)" in found
    assert "single JSON, requests/s to FastAPI's" not in found
    assert "MiB" not in found


def test_without_a_rival_nothing_is_claimed() -> None:
    targets = judge([outcome(PLUMBLINE, 500, kinds=(SINGLE, BATCH)), outcome(FASTAPI.name, 1)])
    unknown = {target.name for target in targets if target.holds is None}
    assert {"single JSON, requests/s to Triton's", "256 binary, p99 over 16 to the best rival's"} <= unknown
    assert "; not measured: single JSON, requests/s to Triton's >= 1.4, " in sentence(targets)


def test_neither_two_cores_nor_a_handler_that_does_nothing_is_a_rival_in_latency() -> None:
    rivals = [outcome(TRITON_TWO.name, 1, 0.1), outcome(BARE.name, 1, 0.1), outcome(MLSERVER.name, 1, 2)]
    (target,) = (one for one in judge([outcome(PLUMBLINE, 1), *rivals]) if one.name.startswith("single JSON, p99"))
    assert target.found == 0.5


def test_without_figures_of_ours_there_is_nothing_to_judge() -> None:
    assert judge([outcome(FASTAPI.name, 1)]) == []
