"""The command as an operator meets it: a process, its exit code and its words."""

import socket
from pathlib import Path

from tests.service.bundles import GOLDEN_MODELS, fail_golden_check, put_bundle
from tests.service.programs import run


def refused(*flags: str, **environment: str) -> str:
    """Run to exit code 2 and give the one sentence that said why."""
    finished = run(*flags, **environment)
    assert finished.returncode == 2, finished.stderr
    assert finished.stdout == ""
    assert finished.stderr.startswith("error: ")
    assert finished.stderr.count("\n") == 1
    return finished.stderr


def test_a_port_in_use_is_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        said = refused("--models", str(GOLDEN_MODELS), "--port", port)
    assert f"port {port} on 127.0.0.1 is already in use; choose another with --port" in said


def test_a_misspelt_environment_variable_is_named() -> None:
    said = refused("--models", str(GOLDEN_MODELS), PLUMBLINE_WORKER="2")
    assert "PLUMBLINE_WORKER is set in the environment" in said
    assert "did you mean PLUMBLINE_WORKERS?" in said


def test_a_models_directory_that_is_not_there_is_named(tmp_path: Path) -> None:
    assert "nowhere: expected a directory of models" in refused("--models", str(tmp_path / "nowhere"), "--port", "0")


def test_an_empty_models_directory_is_named(tmp_path: Path) -> None:
    assert "expected at least one model" in refused("--models", str(tmp_path), "--port", "0")


def test_bad_models_only_are_refused_before_any_worker_starts(tmp_path: Path) -> None:
    put_bundle(tmp_path, change=fail_golden_check)
    assert "nothing can be served" in refused("--models", str(tmp_path), "--port", "0", "--workers", "2")


def test_listening_to_others_without_keys_is_refused_with_the_two_ways_on(tmp_path: Path) -> None:
    said = refused("--models", str(GOLDEN_MODELS), "--port", "0", "--host", "0.0.0.0")
    assert "name a file of keys in PLUMBLINE_KEYS" in said
    assert "PLUMBLINE_ALLOW_ANONYMOUS=true" in said


def test_keys_that_cannot_be_taken_are_named_before_anything_is_served(tmp_path: Path) -> None:
    keys = tmp_path / "keys.json"
    keys.write_text("{}")
    keys.chmod(0o644)
    said = refused("--models", str(GOLDEN_MODELS), "--port", "0", "--workers", "2", PLUMBLINE_KEYS=str(keys))
    assert f"{keys}: expected a file that only its owner may write" in said


def test_debug_shows_the_traceback(tmp_path: Path) -> None:
    finished = run("--models", str(tmp_path), "--port", "0", "--debug")
    assert finished.returncode == 2
    assert "Traceback" in finished.stderr
    assert finished.stderr.splitlines()[-1].startswith("error: ")
