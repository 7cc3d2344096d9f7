import pytest

from model.detectability import Detectability
from model.features import Feature, FeatureSpec
from tests.training.report.report_samples import certificate
from training.report.detection_limits import SHOWN, check_detectability, extremes, limit_table, named_first
from training.report.typography import NO_BREAK

SPEC = FeatureSpec(features=tuple(Feature(name=f"sensor {i}", unit="bar" if i else "") for i in range(4)))


def seen_everywhere() -> tuple[Detectability, FeatureSpec]:
    """Leave out the sensor that the certificate is blind in."""
    whole = certificate(SPEC)
    return whole.model_copy(update={"limits": whole.limits[:-6]}), SPEC


def plain(text: str) -> str:
    return text.replace(NO_BREAK, " ")


def test_the_blindest_sensor_comes_first_and_is_named() -> None:
    table = limit_table(certificate(SPEC), SPEC)
    assert [name for name, _ in table.rows] == ["sensor 3", "sensor 2", "sensor 1", "sensor 0"]
    assert plain(table.extremes) == (
        "It is blind in sensor 3: no bias up to 640 bar is found there. "
        "It is sharpest in sensor 0: from 2.5 on (0.25 of its standard deviations)."
    )


def test_a_sensor_that_is_seen_is_told_with_its_unit_and_in_standard_deviations() -> None:
    said = plain(extremes(*seen_everywhere()))
    assert said.startswith("It is blindest in sensor 2: a bias there is found from 202 bar on (20 of its standard")


def test_several_blind_sensors_are_counted() -> None:
    whole = certificate(SPEC)
    blind = tuple(limit.model_copy(update={"limit": None}) for limit in whole.limits)
    assert "is found there, and so in 3 other sensors." in plain(
        extremes(whole.model_copy(update={"limits": blind}), SPEC)
    )


def test_sizes_are_set_as_an_engineer_reads_them() -> None:
    _, cells = limit_table(certificate(SPEC), SPEC).rows[2]
    assert [plain(cell.text) for cell in cells] == [
        "40 bar",
        "40 bar",
        "40 bar",
        "40 bar",
        "\N{MULTIPLICATION SIGN} 41",
        "6.2 %",
    ]


def test_the_tint_grows_with_the_limit_and_is_full_where_nothing_is_found() -> None:
    rows = limit_table(certificate(SPEC), SPEC).rows
    tints = [cells[0].tint for _, cells in rows]
    assert tints == sorted(tints, reverse=True)
    assert tints[0] == 1.0
    assert all(0 <= cell.tint <= 1 for _, cells in rows for cell in cells)


@pytest.mark.parametrize(("blind", "tone"), [(True, "caution"), (False, "note")])
def test_a_blind_sensor_is_something_to_check_and_a_dull_one_to_note(blind: bool, tone: str) -> None:
    assert check_detectability(*(certificate(SPEC), SPEC) if blind else seen_everywhere()).tone == tone


def test_faults_too_small_to_matter_are_fine() -> None:
    sharp, spec = seen_everywhere()
    finding = check_detectability(sharp.model_copy(update={"limits": sharp.limits[:6]}), spec)
    assert finding.tone == "good"
    assert finding.headline == "A bias of 0.25 standard deviations is found in every sensor that was tried."


def test_the_share_named_first_is_that_of_faults_that_are_found() -> None:
    assert named_first(certificate(SPEC)) == pytest.approx(0.98)
    whole = certificate(SPEC)
    assert named_first(whole.model_copy(update={"limits": whole.limits[-6:]})) is None


def test_of_many_sensors_the_blindest_are_shown() -> None:
    wide = FeatureSpec(features=tuple(Feature(name=f"f{i}") for i in range(80)))
    table = limit_table(certificate(wide), wide)
    assert (len(table.rows), table.tried, table.total) == (SHOWN, 80, 80)
