import pytest

from model.errors import InputError
from service.settings import read_settings
from service.tracing.destination import read_destination


@pytest.mark.parametrize(
    ("text", "destination"),
    [
        ("true", "true"),
        ("False", None),
        ("http://collector:4318", "http://collector:4318/v1/traces"),
        ("https://collector/", "https://collector/v1/traces"),
        ("https://collector/otlp/v1/traces", "https://collector/otlp/v1/traces"),
    ],
)
def test_a_receiver_is_named_by_its_url_or_left_to_the_standard_variables(text: str, destination: str | None) -> None:
    assert read_destination(text) == destination


@pytest.mark.parametrize("text", ["yes", "collector:4318", "grpc://collector:4317", "http://"])
def test_what_is_no_receiver_is_refused_by_name(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLUMBLINE_TRACES", text)
    with pytest.raises(InputError, match=rf"^PLUMBLINE_TRACES: .*expected true, false or .* found '{text}'$"):
        read_settings({})
