"""A body of images as what it asks for: samples, their ids, and whether to show where they stand out."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from model.images.errors import ImageError
from model.images.reader import ImageReader
from service.errors import StructureError, TooManySamplesError
from service.images.body import ImageBody, image_parts
from service.limits import Limits
from service.registry.models import ServedModel
from service.wording import listed, shown

HeatMapFormat = Literal["png", "array"]
FIELDS = frozenset(("id",))
SCORE_FIELDS = FIELDS | {"explain", "format"}
RECONSTRUCT_FIELDS = FIELDS | {"purify"}
MAX_ID = 300


@dataclass(frozen=True)
class ImageRequest:
    """Samples ``x`` [B, H, W, C], by row why one cannot be judged, an id for each or None; and what else is asked for."""

    x: NDArray[Any]
    unreadable: dict[int, str]
    ids: Sequence[str | None]
    heat_maps: HeatMapFormat | None
    purify: bool = False


def parse_images(body: ImageBody, model: ServedModel, limits: Limits, fields: frozenset[str] = FIELDS) -> ImageRequest:
    """Decode the images of a request; one that cannot be judged makes its own sample invalid and nothing else.

    Raises:
        RequestError: the subclass says what is wrong with the form, the query, or the number of images.
    """
    reader = ImageReader.of(model.manifest)
    geometry = reader.geometry
    area = geometry.height * geometry.width
    query = _query(body, fields)
    parts = image_parts(body, min(limits.samples, max(1, limits.image_pixels // area)))
    heat_maps = _heat_maps(query)
    most = max(1, limits.explained_pixels // area)
    if heat_maps is not None and len(parts) > most:
        raise TooManySamplesError(
            f"a request may ask for heat maps of {most:,} images of {geometry.height} x {geometry.width}, found {len(parts):,}",
            {"max_samples": most},
        )
    purify = _purify(query)
    if purify and len(parts) > 1:  # it takes hundreds of runs of the decoder
        raise TooManySamplesError(
            f"a request may ask to purify 1 image, found {len(parts):,}; send them in several requests",
            {"max_samples": 1},
        )
    ids = [part.name for part in parts]
    if "id" in query:
        if len(parts) > 1:
            raise StructureError("'id' is for a request with one image; in a form, file names are the ids")
        ids = [query["id"]]
    x = np.zeros((len(parts), *geometry.shape), geometry.dtype)
    unreadable: dict[int, str] = {}
    for row, part in enumerate(parts):
        try:
            x[row] = reader.read(bytes(part.raw))
        except ImageError as error:
            unreadable[row] = error.reason
    return ImageRequest(x, unreadable, ids, heat_maps, purify)


def _query(body: ImageBody, fields: frozenset[str]) -> dict[str, str]:
    unknown = [name for name, _ in body.query if name not in fields]
    if unknown:
        raise StructureError(f"the query may have the fields {listed(sorted(fields))}, found {listed(unknown)}")
    query = dict(body.query)
    if len(query) < len(body.query):
        raise StructureError("each field of the query may be there once")
    if len(query.get("id", "")) > MAX_ID:
        raise StructureError(f"'id' may have {MAX_ID} characters, found {len(query['id']):,}")
    return query


def _purify(query: dict[str, str]) -> bool:
    purify = query.get("purify", "false")
    if purify not in ("true", "false"):
        raise StructureError(f"'purify' must be true or false, found {shown(purify)}")
    return purify == "true"


def _heat_maps(query: dict[str, str]) -> HeatMapFormat | None:
    explain, form = query.get("explain"), query.get("format", "png")
    if explain not in (None, "heatmap"):
        raise StructureError(f"'explain' must be heatmap for a model of images, found {shown(explain)}")
    if explain is None:
        if "format" in query:
            raise StructureError("'format' is the heat maps'; ask for them with explain=heatmap")
        return None
    if form == "png":
        return "png"
    if form == "array":
        return "array"
    raise StructureError(f"'format' must be png or array, found {shown(form)}")
