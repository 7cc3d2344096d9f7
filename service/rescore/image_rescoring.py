"""Re-scoring images: one Parquet file with a row for each, in order, and heat maps in a folder beside it."""

import os
import secrets
import shutil
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from model.errors import InputError
from model.images.reader import ImageReader
from model.scorer import Scorer
from model.tables.sources import Source
from service.rescore.image_table import judge_images
from service.rescore.parquet_output import parquet_output
from service.rescore.rescoring import map_in_order, output_paths
from service.rescore.whole_file import INCOMING

VERDICTS_FILE, HEAT_MAPS = "verdicts.parquet", "heat_maps"
MOST_IMAGES = 64  # in a block, whatever their size


def rescore_images(
    sources: Sequence[Source], scorer: Scorer, out: Path, *, explain: bool = False
) -> Generator[NDArray[np.intp], None, None]:
    """Judge image files into ``out``, yielding for each block how many images got each of ``VERDICTS``.

    The outputs appear, whole, once everything has been yielded: the heat maps first, then the file that names them.

    Raises:
        InputError: a file cannot be read, or an output is already there.
        OSError: an output cannot be written.
    """
    target, folder = out / VERDICTS_FILE, out / HEAT_MAPS
    paths = [path.relative_to(folder) for path in output_paths(sources, folder, ".png")]
    for taken in (target, folder):
        if taken.exists():
            raise InputError(f"{taken}: is already there; outputs are never overwritten")
    named = [
        (source, f"{HEAT_MAPS}/{path.as_posix()}" if explain else None)
        for source, path in zip(sources, paths, strict=True)
    ]
    step = scorer.form.chunk(MOST_IMAGES)
    blocks = [named[start : start + step] for start in range(0, len(named), step)]
    judge = partial(judge_images, scorer=scorer, reader=ImageReader.of(scorer.manifest))
    with parquet_output(target) as output, _folder(folder if explain else None) as incoming:
        for number, table in enumerate(map_in_order(judge, blocks)):
            output.write(table.columns)
            for row, raw in table.heat_maps.items():
                place = incoming / paths[number * step + row]
                place.parent.mkdir(parents=True, exist_ok=True)
                place.write_bytes(raw)
            yield table.counts


@contextmanager
def _folder(target: Path | None) -> Iterator[Path]:
    """Open a folder that appears, as ``target``, when the block is left; whatever fails, nothing of it is left behind."""
    if target is None:
        yield Path(os.devnull)
        return
    incoming = target.with_name(f"{INCOMING}{secrets.token_hex(4)}-{target.name}")
    try:
        incoming.mkdir()
        yield incoming
        incoming.rename(target)
    except OSError as error:
        raise OSError(f"{target}: cannot be written: {error.strerror or error}") from error
    finally:
        shutil.rmtree(incoming, ignore_errors=True)
