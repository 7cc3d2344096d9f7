"""Every target there is, with the golden models behind it."""

from collections.abc import Iterator
from contextlib import contextmanager

from service.registry.directory import load_models
from tests.attacks.fuzz.binary_bodies import arrow_target, compressed_target, floats_target
from tests.attacks.fuzz.connections import connection_target
from tests.attacks.fuzz.other_bodies import (
    detection_target,
    form_target,
    image_target,
    inference_target,
    lines_target,
    stream_target,
)
from tests.attacks.fuzz.score_bodies import rows_target, windows_target
from tests.attacks.fuzz.target import Target
from tests.golden.image_bundle import GOLDEN_IMAGE_MODELS
from tests.golden.window_bundle import CHANNELS, STEPS, WINDOW_BUNDLE, strokes
from tests.samples import clean_rows
from tests.service.bundles import GOLDEN_MODELS
from tests.tiles import clean_tiles

NAMES = (
    "json", "json-windows", "arrow", "arrow-windows", "floats", "compressed", "v2", "azure", "lookout-csv", "lookout-json",
    "streams", "image", "multipart", "http",
)  # fmt: skip


@contextmanager
def every_target() -> Iterator[dict[str, Target]]:
    """Give the targets by name; the server that one of them needs runs while the context lasts."""
    models = load_models(GOLDEN_MODELS, "cpu")
    pump = models.get("pump")
    press = load_models(WINDOW_BUNDLE.parents[1], "cpu").get("press")
    tiles = load_models(GOLDEN_IMAGE_MODELS, "cpu").get("tiles")
    rows, tile = clean_rows(64), clean_tiles(1)[0]
    windows = strokes(8 * STEPS).reshape(-1, STEPS, len(CHANNELS))
    with connection_target(models) as connections:
        targets = (
            rows_target(pump, rows),
            windows_target(press, windows),
            arrow_target("arrow", pump, rows),
            arrow_target("arrow-windows", press, windows),
            floats_target(pump, rows),
            compressed_target(rows),
            inference_target(pump, rows),
            detection_target(pump),
            lines_target(pump, is_csv=True),
            lines_target(pump, is_csv=False),
            stream_target(pump, rows),
            image_target(tiles, tile),
            form_target(tiles, tile),
            connections,
        )
        yield {target.name: target for target in targets}
