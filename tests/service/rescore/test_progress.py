"""What a run shows of where it is; plain lines are tested with the command."""

import io

from rich.console import Console

from service.rescore.progress import rescore_progress


def test_a_terminal_shows_the_file_its_rows_and_the_rate() -> None:
    screen = io.StringIO()
    with rescore_progress(Console(file=screen, force_terminal=True, width=120)) as on_rows:
        on_rows("file 1 of 2: run[1].csv", 1000)
        on_rows("file 2 of 2: b.csv", 2000)
    assert "file 2 of 2: b.csv: 3,000 rows so far, " in screen.getvalue()


def test_a_file_name_is_never_taken_for_markup() -> None:
    screen = io.StringIO()
    with rescore_progress(Console(file=screen, force_terminal=True, width=120)) as on_rows:
        on_rows("file 1 of 1: run[red].csv", 1)
    assert "run[red].csv" in screen.getvalue()
