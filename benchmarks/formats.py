"""What it takes to read samples from each form they come in, and to write verdicts on them.

``python -m benchmarks.formats``

Samples have 32 values with all their digits. Times are of the processor, in the fastest of many rounds: what the work takes when nothing else runs.
"""

import gzip
import io
import sys
import timeit
from collections.abc import Callable
from time import process_time
from types import MappingProxyType

import numpy as np
import orjson
import pyarrow as pa
from numpy.typing import NDArray

from benchmarks.machine import this_machine
from benchmarks.results import begin, show
from model.features import Feature, FeatureSpec
from model.scorer import Scores
from service.formats.arrow_rows import read_arrow
from service.formats.compression import GZIP, ZSTD, inflate
from service.formats.json_request import read_json_request
from service.formats.raw_floats import read_floats
from service.hot_path.plain import read_plain
from service.hot_path.results import Results
from service.limits import Limits
from service.sample_request import SCORE_FIELDS, parse_request
from service.scoring import results_of

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

WIDTH = 32
COUNTS = (1, 16, 256)
ROUNDS, ROUND_SECONDS = 40, 0.02
SPEC = FeatureSpec(features=tuple(Feature(name=f"sensor_{number}") for number in range(WIDTH)))
LIMITS = Limits()
Form = tuple[bytes, Callable[[], object]]


def forms(x: NDArray[np.float64]) -> dict[str, Form]:
    """Write samples in every form; give the body, and what reads it."""
    json = orjson.dumps({"samples": x.tolist()})
    named = orjson.dumps({"samples": [dict(zip(SPEC.names, row, strict=True)) for row in x.tolist()]})
    stream = io.BytesIO()
    table = pa.table(dict(zip(SPEC.names, x.T, strict=True)))
    with pa.ipc.new_stream(stream, table.schema) as writer:
        writer.write_table(table)
    arrow = stream.getvalue()
    shape = (b"x-plumbline-shape", b"%d,%d" % x.shape)
    floats = {
        dtype: (x.astype(dtype).tobytes(), [shape, (b"x-plumbline-dtype", dtype.encode())])
        for dtype in ("float64", "float32")
    }
    packed = {GZIP: gzip.compress(json), ZSTD: zstd.compress(json)}
    return {
        "JSON, on the hot path": (json, lambda: read_plain(json, WIDTH, LIMITS.samples)),
        "JSON": (json, lambda: read_json_request(json, SPEC, LIMITS, SCORE_FIELDS)),
        "JSON, read with care": (json, lambda: parse_request(json, SPEC, LIMITS, SCORE_FIELDS)),
        "JSON, by name": (named, lambda: read_json_request(named, SPEC, LIMITS, SCORE_FIELDS)),
        "Arrow stream": (arrow, lambda: read_arrow(arrow, SPEC, LIMITS)),
        "float64": (floats["float64"][0], lambda: read_floats(*floats["float64"], SPEC, LIMITS)),
        "float32": (floats["float32"][0], lambda: read_floats(*floats["float32"], SPEC, LIMITS)),
        "JSON, inflating gzip": (packed[GZIP], lambda: inflate(GZIP, packed[GZIP], LIMITS)),
        "JSON, inflating zstd": (packed[ZSTD], lambda: inflate(ZSTD, packed[ZSTD], LIMITS)),
    }


def writers(count: int) -> dict[str, Callable[[], object]]:
    """Give what writes the results of so many samples."""
    draw = np.random.default_rng(0)
    verdicts = np.where(draw.random(count) < 0.05, 2, 0).astype(np.int8)
    scores = Scores(draw.gamma(2, 1, count), draw.random(count), draw.random(count), verdicts, MappingProxyType({}))
    nameless, named = [None] * count, [f"line {number}" for number in range(count)]
    written = Results(scores).written(0, count)
    return {
        "in pieces": lambda: Results(scores).written(0, count),
        "in pieces, with ids": lambda: Results(scores).written(0, count, named),
        "as objects": lambda: orjson.dumps(results_of(nameless, scores)),
        "and compressed with gzip": lambda: gzip.compress(written),
        "and compressed with zstd": lambda: zstd.compress(written, level=1),
    }


def microseconds(work: Callable[[], object]) -> float:
    """Say what one call takes."""
    calls = max(1, int(ROUND_SECONDS / max(timeit.timeit(work, number=3) / 3, 1e-7)))
    return min(timeit.repeat(work, timer=process_time, number=calls, repeat=ROUNDS)) / calls * 1e6


def main() -> None:
    begin(this_machine())
    x = np.random.default_rng(0).normal(50.0, 10.0, (max(COUNTS), WIDTH))
    read = {count: forms(x[:count]) for count in COUNTS}
    headings = [f"{count} {'sample' if count == 1 else 'samples'}" for count in COUNTS]
    show(
        "Reading samples, us",
        ["form", f"bytes of {max(COUNTS)}", *headings],
        [
            [form, f"{len(body):,}", *(f"{microseconds(read[count][form][1]):,.1f}" for count in COUNTS)]
            for form, (body, _) in read[max(COUNTS)].items()
        ],
    )
    write = {count: writers(count) for count in COUNTS}
    show(
        "Writing results as JSON, us",
        ["how", *headings],
        [[how, *(f"{microseconds(write[count][how]):,.1f}" for count in COUNTS)] for how in write[1]],
    )


if __name__ == "__main__":
    main()
