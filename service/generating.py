"""Generating samples, from a request's body to the bytes of its answer. Nothing here knows about HTTP."""

import numpy as np
import orjson
from numpy.typing import NDArray
from pydantic import JsonValue

from model.generator import Generator
from service.answers import GenerateAnswer
from service.errors import NoLatentError, StructureError
from service.generate_request import Draw, parse_generate_request
from service.images.drawings import PngImage
from service.images.rebuilding import png_image
from service.limits import Limits
from service.registry.models import ServedModel


def generate(body: bytes, model: ServedModel, request_id: str, limits: Limits) -> bytes:
    """Answer a request for samples drawn from the latent, or on the way between two through it.

    Raises:
        NoLatentError: the model has none.
        RequestError: the subclass says what is wrong with the body.
    """
    generator = _generator(model)
    request = parse_generate_request(body, model.spec, generator.form, limits)
    if isinstance(request, Draw):
        if request.origin not in generator.origins:
            raise StructureError(
                f"model '{model.name}' version {model.version} keeps no posteriors of clean samples; "
                "'from' may be \"prior\""
            )
        generated = generator.draw(request.count, request.seed, request.origin)
    else:
        generated = generator.between(request.ends[0], request.ends[1], request.steps)
    by_feature = zip(model.spec.names, generated.outside.sum(axis=0).tolist(), strict=True)
    answer: GenerateAnswer = {
        **model.answered(request_id),
        "features": list(model.spec.names),
        "origin": request.origin if isinstance(request, Draw) else "between",
        "seed": request.seed if isinstance(request, Draw) else None,
        "samples": _written(generated.samples, model),
        "latents": generated.latents.tolist(),
        "outside_range": {
            "samples": int(generated.outside.any(axis=1).sum()),
            "features": {name: count for name, count in by_feature if count},
        },
    }
    return orjson.dumps(answer)


def _written(samples: NDArray[np.float64], model: ServedModel) -> list[list[JsonValue]] | list[PngImage]:
    if model.manifest.image is None:
        rows: list[list[JsonValue]] = samples.tolist()
        return rows
    return [png_image(sample, np.dtype(model.manifest.form.dtype)) for sample in samples]


def _generator(model: ServedModel) -> Generator:
    if model.generator is None:
        raise NoLatentError(
            f"model '{model.name}' has no latent space to draw samples from: its detector is {model.manifest.detector}"
        )
    return model.generator
