"""What re-scoring says of a block of images: the verdict on each and, where asked, where it stands out. n: images."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from model.images.errors import ImageError
from model.images.files import read_bytes
from model.images.overlay import overlay
from model.images.png import png
from model.images.reader import ImageReader
from model.images.regions import Region, regions
from model.scorer import INVALID, VERDICTS, Scorer
from model.tables.sources import Source
from service.rescore.verdict_table import made_by, verdict_columns


@dataclass(frozen=True)
class ImageTable:
    """``columns`` as they are written, how many images got each of ``VERDICTS``, and heat maps by their number in the block."""

    columns: pa.RecordBatch
    counts: NDArray[np.intp]
    heat_maps: dict[int, bytes]


def judge_images(block: Sequence[tuple[Source, str | None]], scorer: Scorer, reader: ImageReader) -> ImageTable:
    """Judge images, none left out; each comes with the path that its heat map will have, or None where none is wanted."""
    count = len(block)
    x = np.zeros((count, *reader.geometry.shape), reader.geometry.dtype)
    unreadable: dict[int, str] = {}
    for row, (source, _) in enumerate(block):
        try:
            x[row] = reader.read(read_bytes(source))
        except ImageError as error:
            unreadable[row] = error.reason
    scores = scorer.score(x, unreadable)
    columns = {
        "source_file": pa.array([source.name for source, _ in block], pa.string()),
        **verdict_columns(scores, scorer),
    }
    heat_maps: dict[int, bytes] = {}
    if any(path is not None for _, path in block):
        valid = np.flatnonzero(scores.verdict != INVALID).tolist()
        found, heat_maps = _heat_maps(x, valid, scorer)
        paths = [path if row in heat_maps else None for row, (_, path) in enumerate(block)]
        columns |= {"heat_map": pa.array(paths, pa.string()), **_largest(found, count)}
    return ImageTable(
        pa.RecordBatch.from_pydict(columns, metadata=made_by(scorer)),
        np.bincount(scores.verdict, minlength=len(VERDICTS)),
        heat_maps,
    )


def _heat_maps(
    x: NDArray[Any], valid: Sequence[int], scorer: Scorer
) -> tuple[dict[int, list[Region] | None], dict[int, bytes]]:
    """Draw each valid image's heat map and find its regions; None where the model has no line for them."""
    line = scorer.manifest.image.heat_threshold if scorer.manifest.image is not None else None
    found: dict[int, list[Region] | None] = {}
    drawn: dict[int, bytes] = {}
    for row in valid:
        heat = scorer.contributions(x[row : row + 1])[0]
        drawn[row] = png(overlay(x[row], heat, line))
        found[row] = None if line is None else regions(heat, line)
    return found, drawn


def _largest(found: dict[int, list[Region] | None], count: int) -> dict[str, pa.Array]:
    """Count each image's regions, and describe the one of the largest area."""
    number: list[int | None] = [None] * count
    largest: list[Region | None] = [None] * count
    for row, of_image in found.items():
        if of_image is not None:
            number[row] = len(of_image)
            largest[row] = max(of_image, key=lambda region: region.area, default=None)
    described = {
        f"region_{field.name}": pa.array(
            [None if region is None else getattr(region, field.name) for region in largest],
            pa.float64() if field.name == "peak" else pa.int32(),
        )
        for field in fields(Region)
    }
    return {"regions": pa.array(number, pa.int32()), **described}
