import json
import logging
import sys

from service.logs import JsonLines


def line(message: str, *args: object, **extra: object) -> dict[str, object]:
    record = logging.LogRecord("plumbline.x", logging.INFO, "x.py", 1, message, args, None)
    record.__dict__.update(extra)
    written = JsonLines().format(record)
    assert "\n" not in written
    parsed: dict[str, object] = json.loads(written)
    return parsed


def test_a_record_is_one_line_of_json() -> None:
    parsed = line("took %d\nms", 3)
    assert parsed["message"] == "took 3\nms"
    assert (parsed["level"], parsed["logger"]) == ("info", "plumbline.x")
    assert str(parsed["time"]).endswith("+00:00")


def test_fields_stand_beside_the_message() -> None:
    assert line("request", fields={"status": 200, "verdicts": {"normal": 3}})["verdicts"] == {"normal": 3}


def test_a_field_that_json_does_not_know_is_written_as_text() -> None:
    assert line("x", fields={"type": int})["type"] == "<class 'int'>"


def test_an_exception_is_written_with_its_traceback() -> None:
    try:
        int("broken")
    except ValueError:
        parsed = line("x", exc_info=sys.exc_info())
    assert "ValueError: invalid literal" in str(parsed["traceback"])
