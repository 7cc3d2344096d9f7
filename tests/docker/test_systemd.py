"""The systemd unit, read by systemd itself."""

import re
from pathlib import Path

import pytest

from service.settings import PREFIX, Settings
from tests.docker.programs import ROOT, find, run

UNIT = ROOT / "docker/systemd/plumbline.service"
USERS = ROOT / "docker/systemd/plumbline.sysusers"
# What `systemd-analyze security` makes of the unit, in tenths: 1.4 of 10. More is a protection that was lost.
EXPOSURE = 14


def values(name: str) -> list[str]:
    return re.findall(rf"^{name}=(.*)$", UNIT.read_text(), flags=re.MULTILINE)


@pytest.fixture
def unit(tmp_path: Path) -> Path:
    """The unit, with this environment's program in place of the one in /opt."""
    copy = tmp_path / UNIT.name
    copy.write_text(UNIT.read_text().replace("/opt/plumbline/bin/plumbline-serve", find("plumbline-serve")))
    return copy


def test_systemd_finds_nothing_to_object_to(unit: Path) -> None:
    checked = run("systemd-analyze", "verify", "--man=no", unit)
    assert (checked.returncode, checked.stdout) == (0, "")


def test_the_service_is_hardly_exposed(unit: Path) -> None:
    checked = run("systemd-analyze", "security", "--offline=true", "--no-pager", f"--threshold={EXPOSURE}", unit)
    assert checked.returncode == 0, checked.stdout


def test_a_protection_that_is_lost_is_seen(unit: Path) -> None:
    unit.write_text(unit.read_text().replace("NoNewPrivileges=yes\n", "").replace("ProtectSystem=strict\n", ""))
    checked = run("systemd-analyze", "security", "--offline=true", "--no-pager", f"--threshold={EXPOSURE}", unit)
    assert checked.returncode != 0


def test_the_unit_sets_only_what_can_be_set() -> None:
    set_here = [line.partition("=")[0] for line in values("Environment")]
    ours = {name for name in set_here if name.startswith(PREFIX)}
    assert ours
    assert ours <= {f"{PREFIX}{name.upper()}" for name in Settings.model_fields}


def test_stopping_may_take_as_long_as_draining_does() -> None:
    settings = Settings()
    (seconds,) = values("TimeoutStopSec")
    assert int(seconds) > settings.drain_notice_seconds + settings.drain_seconds + 5


def test_a_signal_reaches_workers_once() -> None:
    assert values("KillMode") == ["mixed"]


def test_the_unit_runs_as_the_user_that_is_made_for_it() -> None:
    made = re.findall(r"^u (\S+) ", USERS.read_text(), flags=re.MULTILINE)
    assert values("User") == values("Group") == made
