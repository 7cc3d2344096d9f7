import pytest

from model.quoting import printable


@pytest.mark.parametrize("text", ["pump 1", "Öl, °C, 流量", "50\u00a0% [bold]", ""])
def test_plain_text_is_shown_as_it_is(text: str) -> None:
    assert printable(text) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [("\x1b[2J", "\\x1b[2J"), ("a\nb\r", "a\\nb\\r"), ("\u202eabc", "\\u202eabc"), ("\x9b31m", "\\x9b31m")],
)
def test_what_steers_a_terminal_is_shown_as_an_escape(text: str, shown: str) -> None:
    assert printable(text) == shown
