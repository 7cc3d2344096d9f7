"""Reconstructing and encoding images, from a request's body to the bytes of its answer."""

from base64 import b64encode
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray

from model.images.png import png
from service.answers import EncodeAnswer, Encoding, PurifiedImage, RebuiltImage, RebuiltImagesAnswer
from service.errors import NoLatentError, StructureError
from service.images.body import ImageBody
from service.images.drawings import PngImage
from service.images.request import RECONSTRUCT_FIELDS, ImageRequest, parse_images
from service.limits import Limits
from service.registry.models import ServedModel


def reconstruct_images(body: ImageBody, model: ServedModel, request_id: str, limits: Limits) -> bytes:
    """Answer a request for images as the detector rebuilds them and, where asked, purified. Raises like ``score_images``."""
    if not model.form.rebuilt:
        raise StructureError(f"model '{model.name}' sees features of an image, and does not reconstruct it")
    request = parse_images(body, model, limits, RECONSTRUCT_FIELDS)
    results: list[RebuiltImage] = [{"id": name, "reconstruction": None} for name in request.ids]
    for row in _valid(request):
        rebuilt = model.scorer.explain(request.x[row : row + 1]).reconstruction[0]
        results[row]["reconstruction"] = png_image(rebuilt, request.x.dtype)
        if request.purify:
            results[row]["purified"] = _purified(request.x[row], model)
    for row, reason in request.unreadable.items():
        results[row]["reason"] = reason
    answer: RebuiltImagesAnswer = {**model.answered(request_id), "results": results}
    return orjson.dumps(answer)


def encode_images(body: ImageBody, model: ServedModel, request_id: str, limits: Limits) -> bytes:
    """Answer a request for images' places in the latent space.

    Raises:
        NoLatentError: the model has none.
        RequestError: as ``score_images`` does.
    """
    if model.encoder is None:
        raise NoLatentError(
            f"model '{model.name}' has no latent space to encode samples into: its detector is {model.manifest.detector}"
        )
    request = parse_images(body, model, limits)
    results: list[Encoding] = [{"id": name, "mean": None, "log_variance": None} for name in request.ids]
    rows = _valid(request)
    if rows:
        latents = model.encoder.encode(request.x[rows])
        for row, mean, log_variance in zip(rows, latents.mean.tolist(), latents.log_variance.tolist(), strict=True):
            results[row]["mean"], results[row]["log_variance"] = mean, log_variance
    for row, reason in request.unreadable.items():
        results[row]["reason"] = reason
    answer: EncodeAnswer = {**model.answered(request_id), "results": results}
    return orjson.dumps(answer)


def png_image(values: NDArray[np.float64], dtype: np.dtype[Any]) -> PngImage:
    """Write an image [H, W, C] in the form of an answer."""
    raw = png(as_pixels(values, dtype))
    return {"format": "png", "shape": [*values.shape], "data": b64encode(raw).decode()}


def as_pixels(values: NDArray[np.float64], dtype: np.dtype[Any]) -> NDArray[Any]:
    """Round values to the pixels they stand for; what lies beyond black or white is shown as that."""
    most = np.iinfo(dtype).max
    return np.clip(np.rint(values), 0, most).astype(dtype)


def _purified(image: NDArray[Any], model: ServedModel) -> PurifiedImage:
    found = model.purifier.purify(image).sample
    removed = (image - found).astype("<f4")
    return {
        "image": png_image(found, image.dtype),
        "removed": {"format": "float32", "shape": [*removed.shape], "data": b64encode(removed.tobytes()).decode()},
    }


def _valid(request: ImageRequest) -> list[int]:
    return [row for row in range(len(request.x)) if row not in request.unreadable]
