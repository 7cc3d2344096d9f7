import pytest
from pydantic import ValidationError

from model.errors import InputError
from service.limits import Limits, QueueBounds
from service.settings import read_settings


def test_defaults_listen_on_this_machine_only() -> None:
    settings = read_settings({})
    assert (settings.host, settings.port, settings.workers) == ("127.0.0.1", 8000, 1)


def test_the_environment_sets_what_no_flag_does(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLUMBLINE_MODELS", "/srv/models")
    monkeypatch.setenv("PLUMBLINE_PORT", "9000")
    settings = read_settings({"port": 9100, "models": None})
    assert (settings.models, settings.port) == ("/srv/models", 9100)


def test_an_empty_variable_is_as_good_as_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLUMBLINE_DEFAULT_MODEL", "")
    assert read_settings({}).default_model is None


def test_a_misspelt_variable_is_refused_with_the_likely_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLUMBLINE_MODEL", "/srv/models")
    with pytest.raises(InputError, match=r"^PLUMBLINE_MODEL is set .* did you mean PLUMBLINE_MODELS\?$"):
        read_settings({})


def test_variables_of_others_are_none_of_our_business(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLUMBLINES", "x")
    monkeypatch.setenv("MODELS", "x")
    assert read_settings({}).models == "models"


def test_a_bad_variable_is_named_with_what_was_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLUMBLINE_MAX_SAMPLES", "many")
    with pytest.raises(InputError, match=r"^PLUMBLINE_MAX_SAMPLES: .*valid integer.*, found 'many'$"):
        read_settings({})


def test_a_bad_flag_is_named_with_what_was_found() -> None:
    with pytest.raises(InputError, match=r"^--port: .*less than or equal to 65535, found 99999$"):
        read_settings({"port": 99_999})


def test_limits_are_those_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLUMBLINE_MAX_BODY_BYTES", "1000")
    monkeypatch.setenv("PLUMBLINE_MAX_BODY_SECONDS", "2.5")
    monkeypatch.setenv("PLUMBLINE_MAX_SAMPLES", "7")
    monkeypatch.setenv("PLUMBLINE_MAX_EXPLAINED_VALUES", "70")
    monkeypatch.setenv("PLUMBLINE_MAX_FULLY_EXPLAINED_VALUES", "30")
    monkeypatch.setenv("PLUMBLINE_MAX_REQUEST_SECONDS", "3")
    assert read_settings({}).limits == Limits(1000, 2.5, 7, 70, 30, request_seconds=3)


def test_the_queue_is_bounded_as_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLUMBLINE_MAX_QUEUE_SECONDS", "0.25")
    monkeypatch.setenv("PLUMBLINE_MAX_QUEUE_REQUESTS", "10")
    monkeypatch.setenv("PLUMBLINE_MAX_QUEUE_BYTES", "5000")
    assert read_settings({}).queue == QueueBounds(0.25, 10, 5000)


@pytest.mark.parametrize("name", ["port", "models"])
def test_settings_cannot_be_changed(name: str) -> None:
    settings = read_settings({})
    with pytest.raises(ValidationError):
        setattr(settings, name, 1)
