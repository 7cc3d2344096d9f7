"""Scoring images, from a request's body to the bytes of its answer. Nothing here knows about HTTP."""

from base64 import b64encode
from time import perf_counter
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray

from model.images.overlay import overlay
from model.images.png import png
from model.images.regions import regions
from model.scorer import INVALID
from service.answers import ScoreAnswer
from service.errors import NotAcceptableError
from service.formats.answer import write_answer
from service.images.body import ImageBody
from service.images.drawings import HeatMap, HotRegion
from service.images.request import SCORE_FIELDS, HeatMapFormat, parse_images
from service.limits import Limits
from service.registry.models import ServedModel
from service.request_body import JSON
from service.scoring import Scored, results_of

MOST_REGIONS = 50  # those with the highest peaks


def score_images(body: ImageBody, model: ServedModel, request_id: str, limits: Limits) -> Scored:
    """Answer a request to score images.

    Raises:
        RequestError: the subclass says what is wrong with the body.
    """
    request = parse_images(body, model, limits, SCORE_FIELDS)
    if request.heat_maps is not None and body.wants_arrow:
        raise NotAcceptableError(f"heat maps are written as {JSON}; accept that, or ask for none")
    start = perf_counter()
    scores = model.score(request.x, request.unreadable)
    seconds = perf_counter() - start
    if request.heat_maps is None:
        content_type, written = write_answer(request.ids, scores, model, request_id, body.wants_arrow)
        return Scored(written, scores, seconds, content_type)
    results = results_of(request.ids, scores)
    line = model.manifest.image.heat_threshold if model.manifest.image is not None else None
    for row in np.flatnonzero(scores.verdict != INVALID).tolist():
        heat = model.scorer.contributions(request.x[row : row + 1])[0]
        results[row]["heat_map"] = _heat_map(request.x[row], heat, line, request.heat_maps)
        if line is not None:
            results[row]["regions"] = _regions(heat, line)
    answer: ScoreAnswer = {
        **model.answered(request_id),
        "threshold": model.manifest.threshold.value,
        "results": results,
    }
    return Scored(orjson.dumps(answer), scores, seconds)


def _heat_map(pixels: NDArray[Any], heat: NDArray[np.float64], line: float | None, form: HeatMapFormat) -> HeatMap:
    shape = [*heat.shape]
    if form == "png":
        return {"format": "png", "shape": shape, "data": b64encode(png(overlay(pixels, heat, line))).decode()}
    values = np.minimum(heat, np.finfo(np.float32).max).astype("<f4")
    return {"format": "float32", "shape": shape, "data": b64encode(values.tobytes()).decode()}


def _regions(heat: NDArray[np.float64], line: float) -> list[HotRegion]:
    return [
        {"box": [region.x, region.y, region.width, region.height], "area": region.area, "peak": region.peak}
        for region in regions(heat, line)[:MOST_REGIONS]
    ]
