"""Streams of a real service: several workers, and a process that is killed."""

import json
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx2

from service.registry.directory import load_models
from service.registry.models import ServedModel
from tests.samples import SCALE, clean_rows
from tests.service.bundles import GOLDEN_MODELS
from tests.service.programs import run, serving
from tests.service.streams.rows import BAD
from tests.window_bundle import INTERVAL, LENGTH, windows_of, write_window_bundle


def test_a_killed_service_goes_on_where_its_last_answer_was(tmp_path: Path) -> None:
    write_window_bundle(tmp_path / "models")
    x = clean_rows(3 * LENGTH, seed=5)
    x[LENGTH:] += 10 * SCALE
    times = [INTERVAL * row for row in range(len(x))]
    results, file = [], str(tmp_path / "streams.sqlite3")
    cut = LENGTH + 5
    with serving(tmp_path / "models", tmp_path / "first", PLUMBLINE_STREAMS=file) as service:
        for row in range(cut):
            body = {"rows": [x[row].tolist()], "times": [times[row]]}
            results += httpx2.post(f"{service.url}/streams/rig-7/rows", json=body).json()["results"]
        shelved = httpx2.post(f"{service.url}/streams/rig-7/shelve", json={"minutes": 60, "reason": "bearing changed"})
        service.process.send_signal(signal.SIGKILL)
        assert service.wait() == -signal.SIGKILL
    with serving(tmp_path / "models", tmp_path / "second", PLUMBLINE_STREAMS=file) as service:
        kept = httpx2.get(f"{service.url}/streams/rig-7").json()
        assert (kept["row_count"], kept["window"], kept["last_time"]) == (cut, LENGTH, times[cut - 1])
        assert kept["alarm"] == shelved.json()
        body = {"rows": x[cut:].tolist(), "times": times[cut:]}
        answer = httpx2.post(f"{service.url}/streams/rig-7/rows", json=body).json()
    results += answer["results"]
    assert answer["alarm"]["state"] == "shelved"
    assert [result["verdict"] for result in results[: LENGTH - 1]] == ["invalid"] * (LENGTH - 1)
    expected = load_models(tmp_path / "models", "cpu").get("rig").scorer.score(windows_of(x)).score
    assert [result["score"] for result in results[LENGTH - 1 :]] == expected.tolist()


def test_every_worker_knows_every_stream(tmp_path: Path, pump: ServedModel) -> None:
    x = clean_rows(120, seed=9)
    with serving(GOLDEN_MODELS, tmp_path / "log", workers=2) as service:

        def send(row: int) -> float:
            # A connection for each request: whichever worker takes it.
            answer = httpx2.post(f"{service.url}/streams/line-{row % 2}/rows", json={"rows": [x[row].tolist()]})
            return float(answer.json()["results"][0]["score"])

        with ThreadPoolExecutor(6) as pool:
            scores = list(pool.map(send, range(120)))
        counts = [httpx2.get(f"{service.url}/streams/line-{line}").json()["row_count"] for line in range(2)]
        httpx2.post(f"{service.url}/streams/line-0/rows", json={"rows": [BAD]})
        states = {httpx2.get(f"{service.url}/streams/line-0").json()["alarm"]["state"] for _ in range(20)}
        measured = {
            line
            for _ in range(10)
            for line in httpx2.get(f"{service.url}/metrics").text.splitlines()
            if line.startswith("plumbline_alarms_active{")
        }
        workers = {line["pid"] for line in service.lines if line["message"] == "serving"}
    assert len(workers) == 2
    assert scores == pump.scorer.score(x).score.tolist()
    assert counts == [60, 60]
    assert states == {"unacknowledged"}
    assert measured == {'plumbline_alarms_active{model="pump"} 1.0'}


def test_rows_of_one_stream_are_taken_in_the_order_they_came_while_large_requests_are_scored(tmp_path: Path) -> None:
    """Requests for one stream follow each other; those for others do not wait."""
    x = clean_rows(8_000, seed=2).tolist()
    with serving(GOLDEN_MODELS, tmp_path / "log") as service:

        def send(start: int) -> list[str]:
            body = {"rows": x[start : start + 4_000], "times": list(range(start, start + 4_000))}
            results = httpx2.post(f"{service.url}/streams/busy/rows", json=body, timeout=60).json()["results"]
            return [result.get("reason", "") for result in results]

        with ThreadPoolExecutor(3) as pool:
            first = pool.submit(send, 0)
            time.sleep(0.05)
            second = pool.submit(send, 4_000)
            other = httpx2.post(f"{service.url}/streams/other/rows", json={"rows": [BAD]}, timeout=60)
        assert other.status_code == 200
        # Whichever came first, none was mixed into the other.
        assert {len({*reasons}) for reasons in (first.result(), second.result())} in ({1}, {1, 4_000})
        assert json.loads(httpx2.get(f"{service.url}/streams/busy").text)["row_count"] == 8_000


def test_a_file_that_holds_no_streams_ends_the_start_with_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("not a database, but long enough to look like one " * 50)
    for workers in ("1", "2"):
        done = run(
            "--models", str(GOLDEN_MODELS), "--port", "0", "--workers", workers,
            PLUMBLINE_STREAMS=str(tmp_path / "notes.txt"),
        )  # fmt: skip
        assert done.returncode == 2
        assert "notes.txt: cannot keep streams: file is not a database" in done.stdout + done.stderr
