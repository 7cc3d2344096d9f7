import pytest
import typer

from model.boundary import command_boundary
from model.errors import BundleDigestError, BundleGoldenError, CalibrationError, InputError


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (InputError("no such file"), 2),
        (BundleDigestError("a byte differs"), 2),
        (BundleGoldenError("scores differ"), 3),
        (CalibrationError("too few samples"), 3),
        (OSError("no space left on device"), 1),
    ],
)
def test_an_error_is_one_sentence_and_its_exit_code(
    error: Exception, code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(typer.Exit) as left, command_boundary(debug=False):
        raise error
    assert left.value.exit_code == code
    assert capsys.readouterr().err == f"error: {error}\n"


def test_a_fault_of_ours_says_how_to_see_more(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(typer.Exit) as left, command_boundary(debug=False):
        raise KeyError("lost")
    assert left.value.exit_code == 1
    assert capsys.readouterr().err == "error: unexpected KeyError: 'lost'; run again with --debug for the traceback\n"


@pytest.mark.parametrize(
    ("error", "code"), [(InputError("no such file"), 2), (KeyError("lost"), 1), (OSError("full"), 1)]
)
def test_with_debug_the_traceback_is_shown_too(error: Exception, code: int, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(typer.Exit) as left, command_boundary(debug=True):
        raise error
    assert left.value.exit_code == code
    shown = capsys.readouterr().err.splitlines()
    assert shown[0] == "Traceback (most recent call last):"
    assert shown[-1].startswith("error: ")


def test_an_interrupt_ends_without_a_word_of_error(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(typer.Exit) as left, command_boundary(debug=False):
        raise KeyboardInterrupt
    assert left.value.exit_code == 130
    assert capsys.readouterr().err == "interrupted\n"


def test_usage_errors_pass_through_to_the_command_line() -> None:
    with pytest.raises(typer.BadParameter), command_boundary(debug=False):
        raise typer.BadParameter("not a number")


def test_an_interrupt_passes_on_advice(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(typer.Exit), command_boundary(debug=False):
        raise KeyboardInterrupt("--resume continues it")
    assert capsys.readouterr().err == "interrupted; --resume continues it\n"
