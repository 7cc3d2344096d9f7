from tests.docker.programs import run


def test_the_configuration_is_valid() -> None:
    checked = run("promtool", "check", "config", "docker/prometheus/prometheus.yml")
    assert checked.returncode == 0, checked.stdout


def test_alerts_fire_when_they_must_and_only_then() -> None:
    played = run("promtool", "test", "rules", "tests/docker/alerts.yml")
    assert played.returncode == 0, played.stdout


def test_the_alertmanager_configuration_is_valid() -> None:
    checked = run("amtool", "check-config", "docker/alertmanager/alertmanager.yml")
    assert checked.returncode == 0, checked.stdout


def test_alerts_of_every_severity_reach_the_operators() -> None:
    for severity in ("critical", "warning"):
        file = "--config.file=docker/alertmanager/alertmanager.yml"
        routed = run("amtool", "config", "routes", "test", file, f"severity={severity}")
        assert routed.stdout.splitlines()[-1] == "operators"
