"""The routes that take samples: read, hand over, answer."""

import os
from collections.abc import Callable
from functools import partial
from typing import TypeVar

from anyio import CapacityLimiter, to_thread
from fastapi import APIRouter, Request, Response

from service.generating import generate
from service.images.body import ImageBody, read_image_body
from service.images.rebuilding import encode_images, reconstruct_images
from service.images.scoring import score_images
from service.limits import Limits
from service.metrics import Metrics
from service.openapi import (
    ENCODE_OF_DEFAULT,
    ENCODE_OF_NAMED,
    ENCODED,
    OF_DEFAULT,
    OF_NAMED,
    RECONSTRUCT_BODY,
    RECONSTRUCTED,
    SAMPLES_BODY,
    SCORE_BODY,
    SCORED,
)
from service.openapi_generate import GENERATE_BODY, GENERATED
from service.rebuilding import encode, reconstruct
from service.registry.models import Models, ServedModel
from service.request_body import JSON, read_json_bytes
from service.request_record import RequestRecord
from service.sample_request import may_take_long
from service.scoring import Scored, score, verdict_counts

Answer = TypeVar("Answer", Scored, bytes)
Operation = Callable[[bytes, ServedModel, str, Limits], Answer]
OnImages = Callable[[ImageBody, ServedModel, str, Limits], Answer]

# A smaller body is answered faster than a thread can be woken; a larger one would keep others waiting. So would one that
# asks to explain in full or to purify, and has threads of its own, so that scoring never waits for these. How much is to be generated
# does not show in the body's length.
INLINE_BYTES = 64 << 10


def sample_routes(models: Models, limits: Limits, metrics: Metrics) -> APIRouter:
    """Build ``/score``, ``/reconstruct``, ``/encode`` and ``/generate``, each for the default and for a named model."""
    router = APIRouter(tags=["samples"])
    threads = CapacityLimiter(os.cpu_count() or 1)
    explaining = CapacityLimiter(max(1, (os.cpu_count() or 1) // 2))

    async def run(
        operation: Operation[Answer], on_images: OnImages[Answer] | None, request: Request, model: ServedModel
    ) -> Answer:
        if on_images is not None and model.manifest.image is not None:
            images = await read_image_body(request, limits)
            asked = partial(on_images, images, model, request.state.record.request_id, limits)
            return await to_thread.run_sync(asked, limiter=threads)
        body = await read_json_bytes(request, limits)
        record: RequestRecord = request.state.record
        work = partial(operation, body, model, record.request_id, limits)
        if operation in (score, reconstruct) and may_take_long(body):
            return await to_thread.run_sync(work, limiter=explaining)
        short = len(body) <= INLINE_BYTES and operation is not generate
        return work() if short else await to_thread.run_sync(work, limiter=threads)

    async def scored(request: Request, model: ServedModel) -> Response:
        result = await run(score, score_images, request, model)
        metrics.observe_scores(model, result.scores, result.seconds)
        record: RequestRecord = request.state.record
        record.fields |= {
            "model": model.name,
            "version": model.version,
            "samples": len(result.scores.verdict),
            "verdicts": verdict_counts(result.scores),
        }
        return Response(result.answer, media_type=JSON)

    async def answered(
        operation: Operation[bytes], on_images: OnImages[bytes] | None, request: Request, model: ServedModel
    ) -> Response:
        return Response(await run(operation, on_images, request, model), media_type=JSON)

    @router.post("/score", responses={**SCORED, **OF_DEFAULT}, openapi_extra=SCORE_BODY)
    async def score_with_default(request: Request) -> Response:
        """Score samples with the default model."""
        return await scored(request, models.default())

    @router.post("/models/{name}/score", responses={**SCORED, **OF_NAMED}, openapi_extra=SCORE_BODY)
    async def score_with_model(request: Request, name: str) -> Response:
        """Score samples."""
        return await scored(request, models.get(name))

    @router.post("/reconstruct", responses={**RECONSTRUCTED, **OF_DEFAULT}, openapi_extra=RECONSTRUCT_BODY)
    async def reconstruct_with_default(request: Request) -> Response:
        """Rebuild samples as the default model expects them."""
        return await answered(reconstruct, reconstruct_images, request, models.default())

    @router.post("/models/{name}/reconstruct", responses={**RECONSTRUCTED, **OF_NAMED}, openapi_extra=RECONSTRUCT_BODY)
    async def reconstruct_with_model(request: Request, name: str) -> Response:
        """Rebuild samples as the model expects them."""
        return await answered(reconstruct, reconstruct_images, request, models.get(name))

    @router.post("/encode", responses={**ENCODED, **ENCODE_OF_DEFAULT}, openapi_extra=SAMPLES_BODY)
    async def encode_with_default(request: Request) -> Response:
        """Place samples in the default model's latent space."""
        return await answered(encode, encode_images, request, models.default())

    @router.post("/models/{name}/encode", responses={**ENCODED, **ENCODE_OF_NAMED}, openapi_extra=SAMPLES_BODY)
    async def encode_with_model(request: Request, name: str) -> Response:
        """Place samples in the model's latent space."""
        return await answered(encode, encode_images, request, models.get(name))

    @router.post("/generate", responses={**GENERATED, **ENCODE_OF_DEFAULT}, openapi_extra=GENERATE_BODY)
    async def generate_with_default(request: Request) -> Response:
        """Draw samples from the default model's latent space, or walk between two through it."""
        return await answered(generate, None, request, models.default())

    @router.post("/models/{name}/generate", responses={**GENERATED, **ENCODE_OF_NAMED}, openapi_extra=GENERATE_BODY)
    async def generate_with_model(request: Request, name: str) -> Response:
        """Draw samples from the model's latent space, or walk between two through it."""
        return await answered(generate, None, request, models.get(name))

    return router
