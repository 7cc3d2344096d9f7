"""Train the golden window bundle anew, over the old one: ``python -m tests.golden.make_window_bundle``."""

import contextlib
import shutil
import tempfile

import numpy as np
import pyarrow as pa
from pyarrow import parquet

from tests.golden.window_bundle import CHANNELS, INTERVAL, STEPS, WINDOW_BUNDLE, strokes
from training.config_file import load_config
from training.windows.pipeline import train_window_bundle

ROWS = 4000

if __name__ == "__main__":
    config = load_config(
        None,
        {
            "modality": "window",
            "data.time": "time",
            "window.length": STEPS,
            "window.stride": 2,
            "fit.steps": 300,
            "target_fpr": 0.05,
            "explanation.sketch_rows": 100,
        },
    )
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        clean = "press.parquet"  # a relative path: the report names its sources
        columns = dict(zip(CHANNELS, strokes(ROWS).T, strict=True))
        parquet.write_table(pa.table({"time": np.arange(ROWS) * INTERVAL, **columns}), clean)
        shutil.rmtree(WINDOW_BUNDLE, ignore_errors=True)
        train_window_bundle(
            (clean,), WINDOW_BUNDLE.parent, config, None, resume=False, on_epoch=lambda _record, _epochs: None
        )
