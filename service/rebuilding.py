"""Reconstructing and encoding, from a request's body to the bytes of its answer. Nothing here knows about HTTP."""

import numpy as np
import orjson
from numpy.typing import NDArray

from model.validity import invalid_samples
from service.answers import EncodeAnswer, Encoding, PurifiedSample, ReconstructAnswer, Reconstruction
from service.errors import NoLatentError
from service.formats.headers import Headers
from service.formats.request import read_request
from service.limits import Limits
from service.registry.models import ServedModel
from service.sample_request import FIELDS, RECONSTRUCT_FIELDS, SampleRequest


def reconstruct(
    body: bytes, model: ServedModel, request_id: str, limits: Limits, headers: Headers = (), query: bytes = b""
) -> bytes:
    """Answer a request for samples as the detector rebuilds them and, where asked, purified. Raises like ``score``."""
    request = read_request(body, headers, query, model, limits, RECONSTRUCT_FIELDS)
    reasons, valid = _validity(request, model)
    results: list[Reconstruction] = [{"id": name, "reconstruction": None} for name in request.ids]
    if valid.size:
        rebuilt = model.scorer.explain(request.x[valid]).reconstruction
        for row, values in zip(valid.tolist(), rebuilt.tolist(), strict=True):
            results[row]["reconstruction"] = values
            if request.purify:
                results[row]["purified"] = _purified(request.x[row], model)
    for row, reason in reasons.items():
        results[row]["reason"] = reason
    answer: ReconstructAnswer = {
        **model.answered(request_id),
        "features": list(model.spec.names),
        "results": results,
    }
    return orjson.dumps(answer)


def _purified(sample: NDArray[np.float64], model: ServedModel) -> PurifiedSample:
    found = model.purifier.purify(sample)
    return {
        "sample": found.sample.tolist(),
        "removed": (sample - found.sample).tolist(),  # NaN, where a value is absent, is written as null
        "put_right": [model.spec.names[feature] for feature in found.put_right],
        "method": found.method,
    }


def encode(
    body: bytes, model: ServedModel, request_id: str, limits: Limits, headers: Headers = (), query: bytes = b""
) -> bytes:
    """Answer a request for samples' places in the latent space.

    Raises:
        NoLatentError: the model has none.
        RequestError: as ``score`` does.
    """
    if model.encoder is None:
        raise NoLatentError(
            f"model '{model.name}' has no latent space to encode samples into: its detector is {model.manifest.detector}"
        )
    request = read_request(body, headers, query, model, limits, FIELDS)
    reasons, valid = _validity(request, model)
    results: list[Encoding] = [{"id": name, "mean": None, "log_variance": None} for name in request.ids]
    if valid.size:
        latents = model.encoder.encode(request.x[valid])
        for row, mean, log_variance in zip(
            valid.tolist(), latents.mean.tolist(), latents.log_variance.tolist(), strict=True
        ):
            results[row]["mean"], results[row]["log_variance"] = mean, log_variance
    for row, reason in reasons.items():
        results[row]["reason"] = reason
    answer: EncodeAnswer = {**model.answered(request_id), "results": results}
    return orjson.dumps(answer)


def _validity(request: SampleRequest, model: ServedModel) -> tuple[dict[int, str], NDArray[np.intp]]:
    reasons = {**invalid_samples(request.x, model.spec), **request.unreadable}
    valid = np.ones(len(request.x), dtype=bool)
    valid[list(reasons)] = False
    return reasons, np.flatnonzero(valid)
