"""The routes that take samples: read, hand over, answer."""

import os
from collections.abc import Callable
from functools import partial
from typing import TypeVar

from fastapi import APIRouter, Request, Response

from service.formats.accept import wants_arrow
from service.formats.answer import write_answer
from service.formats.request import body_type, may_explain, may_take_long, read_request, reads_at_once
from service.generating import generate
from service.hot_path.deadline import deadline_of
from service.hot_path.dispatcher import Dispatcher
from service.hot_path.jobs import Jobs
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
from service.request_body import JSON, read_bytes, read_json_bytes
from service.request_record import RequestRecord
from service.scoring import Scored, score, verdict_counts

Answer = TypeVar("Answer", Scored, bytes)
Operation = Callable[..., Answer]
OnImages = Callable[[ImageBody, ServedModel, str, Limits], Answer]


def sample_routes(models: Models, limits: Limits, metrics: Metrics, dispatcher: Dispatcher, jobs: Jobs) -> APIRouter:
    """Build ``/score``, ``/reconstruct``, ``/encode`` and ``/generate``, each for the default and for a named model."""
    router = APIRouter(tags=["samples"])
    # What asks to explain in full or to purify has threads of its own, so that scoring never waits for it.
    explaining = Jobs(max(1, (os.cpu_count() or 1) // 2), dispatcher.bounds.seconds)

    async def run(
        operation: Operation[Answer], on_images: OnImages[Answer] | None, request: Request, model: ServedModel
    ) -> Answer:
        record: RequestRecord = request.state.record
        deadline = deadline_of(request.headers.raw, limits.request_seconds)
        jobs.admit(deadline)
        if on_images is not None and model.manifest.image is not None:
            images = await read_image_body(request, limits)
            return await jobs.do(partial(on_images, images, model, record.request_id, limits), deadline)
        if operation is generate:  # how much is to be generated does not show in the body's length
            drawn = partial(operation, await read_json_bytes(request, limits), model, record.request_id, limits)
            return await jobs.do(drawn, deadline)
        kind = body_type(request.headers.raw)
        return await work_on(await read_bytes(request, limits), kind, operation, request, model, deadline)

    async def work_on(
        body: bytes, kind: str, operation: Operation[Answer], request: Request, model: ServedModel, deadline: float
    ) -> Answer:
        query = request.scope["query_string"]
        work = partial(operation, body, model, request.state.record.request_id, limits, request.headers.raw, query)
        if operation in (score, reconstruct) and may_take_long(kind, body, query):
            return await explaining.do(work, deadline)
        at_once = model.is_loaded and reads_at_once(kind, body) and not wants_arrow(request.headers.raw)
        return work() if at_once else await jobs.do(work, deadline)

    async def scored(request: Request, model: ServedModel) -> Response:
        deadline = deadline_of(request.headers.raw, limits.request_seconds)
        dispatcher.admit(model, deadline)
        record: RequestRecord = request.state.record
        headers, query = request.headers.raw, request.scope["query_string"]
        kind = "" if model.manifest.image else body_type(headers)
        body = await read_bytes(request, limits) if kind else b""
        if not kind or may_explain(kind, body, query):
            if kind:
                result = await work_on(body, kind, score, request, model, deadline)
            else:
                result = await run(score, score_images, request, model)
            metrics.observe_scores(model, result.scores, result.seconds)
            content_type, answer, scores = result.content_type, result.answer, result.scores
        else:
            read = partial(read_request, body, headers, query, model, limits)
            asked = read() if reads_at_once(kind, body) else await jobs.do(read, deadline)
            scores = await dispatcher.score(model, asked.x, asked.unreadable, deadline)
            arrow = wants_arrow(headers)
            write = partial(write_answer, asked.ids, scores, model, record.request_id, arrow)
            content_type, answer = await jobs.do(write, deadline) if arrow else write()
        record.fields |= {
            "model": model.name,
            "version": model.version,
            "samples": len(scores.verdict),
            "verdicts": verdict_counts(scores.verdict),
        }
        return Response(answer, media_type=content_type)

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
