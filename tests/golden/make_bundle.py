"""Train the golden bundle anew, over the old one: ``python -m tests.golden.make_bundle``."""

import contextlib
import shutil
import tempfile

import pyarrow as pa
from pyarrow import parquet

from tests.golden.bundle import GOLDEN_BUNDLE
from tests.samples import FEATURES, clean_rows
from training.config_file import load_config
from training.pipeline import train_bundle

if __name__ == "__main__":
    declared = {feature.name: feature.model_dump(exclude={"name"}) for feature in FEATURES}
    config = load_config(
        None,
        {
            "features": declared,
            "vae.hidden": (16, 16),
            "fit.steps": 2000,
            "fit.learning_rate": 5e-3,
            "explanation.sketch_rows": 100,
        },
    )
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        clean = "pump.parquet"  # a relative path: the report names its sources
        parquet.write_table(pa.table(dict(zip(declared, clean_rows(3000).T, strict=True))), clean)
        shutil.rmtree(GOLDEN_BUNDLE, ignore_errors=True)
        train_bundle(
            (str(clean),), GOLDEN_BUNDLE.parent, config, None, resume=False, on_epoch=lambda _record, _epochs: None
        )
