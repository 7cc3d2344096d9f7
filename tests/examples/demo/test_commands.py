import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from examples.demo.client import Client
from examples.demo.commands import serving
from examples.demo.errors import DemoError
from tests.samples import clean_rows

GOLDEN = Path("tests/golden/models").resolve()


def is_up(client: Client) -> bool:
    try:
        return client.is_ready()
    except DemoError:
        return False


def test_samples_are_judged_over_http_and_the_service_is_gone_afterwards(tmp_path: Path) -> None:
    rows = clean_rows(1200)
    rows[7, 1] = np.nan
    rows[8, 0] = 19.9
    with serving(GOLDEN, tmp_path / "service.log") as client:
        model = client.model("pump")
        judgements = client.score("pump", rows)
    assert model.features == ("pressure", "flow", "temperature", "current")
    assert model.units["flow"] == "m3/h"
    assert len(judgements) == 1200
    assert judgements[7].verdict == "invalid"
    assert judgements[7].reason == "missing_value: 'flow' has no value"
    assert judgements[8].is_alarm
    suspect = judgements[8].suspect
    assert suspect is not None
    assert suspect.observed == rows[8, model.features.index(suspect.feature)]
    assert not is_up(client)


def test_what_the_service_refuses_is_told_in_one_sentence(tmp_path: Path) -> None:
    with serving(GOLDEN, tmp_path / "service.log") as client, pytest.raises(DemoError, match="answered 404"):
        client.model("none_such")


def test_a_service_that_cannot_start_is_told_with_what_it_said(tmp_path: Path) -> None:
    with (
        pytest.raises(DemoError, match="plumbline-serve ended with exit code 2: .*none_such"),
        serving(tmp_path / "none_such", tmp_path / "service.log"),
    ):
        pytest.fail("there is nothing to serve")


def test_a_failure_inside_the_block_still_ends_the_service(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), serving(GOLDEN, tmp_path / "service.log") as client:
        raise ZeroDivisionError
    assert not is_up(client)


def test_a_demo_that_is_told_to_stop_takes_the_service_with_it(tmp_path: Path) -> None:
    script = f"""
from pathlib import Path
from time import sleep
from examples.demo.__main__ import unwind_when_told_to_stop
from examples.demo.commands import serving
unwind_when_told_to_stop()
with serving(Path({str(GOLDEN)!r}), Path({str(tmp_path / "service.log")!r})) as client:
    print(client.url, flush=True)
    sleep(60)
"""
    demo = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True, env=dict(os.environ))
    assert demo.stdout is not None
    with demo:
        client = Client(demo.stdout.readline().strip())
        assert is_up(client)
        demo.terminate()
        assert demo.wait(30) == 128 + signal.SIGTERM
    assert not is_up(client)
