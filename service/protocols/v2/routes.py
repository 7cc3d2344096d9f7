"""The routes of the Open Inference Protocol, version 2."""

import asyncio
from functools import partial
from typing import Any

from fastapi import APIRouter, Request, Response

from service.errors import NotReadyError, UnsupportedTypeError
from service.judging import Judge, logged
from service.limits import Limits
from service.protocols.v2.answers import Live, ModelMetadata, ModelReady, Ready, RepositoryModel, ServerMetadata
from service.protocols.v2.binary import BINARY, HEADER
from service.protocols.v2.infer import read_infer, write_infer
from service.protocols.v2.metadata import model_metadata, repository_index, served_version, server_metadata
from service.protocols.v2.openapi import INDEX_BODY, INFER_BODY, INFERRED, OF_INFERENCE, OF_MODELS, inference_errors
from service.readiness import check_ready
from service.registry.models import Models
from service.request_body import JSON, media_type, read_bytes
from service.wording import shown


def inference_routes(models: Models, judge: Judge, limits: Limits, draining: asyncio.Event) -> APIRouter:
    """Build ``/v2`` and what is below it; ``draining`` is set once the service is about to stop."""
    router = APIRouter(tags=["Open Inference Protocol"], prefix="/v2")

    @router.get("/", include_in_schema=False)
    @router.get("")
    async def inference_server() -> ServerMetadata:
        """Tell name, version and extensions of the server."""
        return server_metadata()

    @router.get("/health/live")
    async def inference_live() -> Live:
        """Say that the process runs."""
        return {"live": True}

    @router.get("/health/ready", responses=inference_errors(NotReadyError))
    async def inference_ready() -> Ready:
        """Say whether every model is served."""
        check_ready(models, draining)
        return {"live": True, "ready": True}

    @router.post("/repository/index", openapi_extra=INDEX_BODY, responses=inference_errors(*OF_INFERENCE))
    async def inference_index(request: Request) -> list[RepositoryModel]:
        """List the versions that are served, and those that were refused."""
        return repository_index(models, await read_bytes(request, limits))

    for is_versioned in (False, True):
        _add(router, models, judge, limits, is_versioned=is_versioned)
    return router


def _add(router: APIRouter, models: Models, judge: Judge, limits: Limits, *, is_versioned: bool) -> None:
    model_path = "/models/{name}/versions/{version}" if is_versioned else "/models/{name}"

    def said(operation: str) -> dict[str, Any]:
        return {"name": f"{operation}_{'of_version' if is_versioned else 'of_model'}"}

    version = {
        "parameters": [{"name": "version", "in": "path", "required": True, "schema": {"type": "string"}}]
        if is_versioned
        else []
    }

    @router.get(model_path, responses=inference_errors(*OF_MODELS), openapi_extra=version, **said("inference_metadata"))
    async def metadata(request: Request, name: str) -> ModelMetadata:
        """Tell what a model takes and gives."""
        return model_metadata(served_version(models, name, request.path_params.get("version")))

    @router.get(
        f"{model_path}/ready", responses=inference_errors(*OF_MODELS), openapi_extra=version, **said("inference_ready")
    )
    async def ready(request: Request, name: str) -> ModelReady:
        """Say whether a model is served."""
        return {"name": served_version(models, name, request.path_params.get("version")).name, "ready": True}

    @router.post(
        f"{model_path}/infer",
        openapi_extra={**INFER_BODY, "parameters": [*INFER_BODY["parameters"], *version["parameters"]]},
        responses={**INFERRED, **inference_errors(*OF_INFERENCE)},
        **said("infer"),
    )
    async def infer(request: Request, name: str) -> Response:
        """Judge samples: tensors in, tensors out."""
        model = served_version(models, name, request.path_params.get("version"))
        declared = request.headers.get("content-type", JSON)
        if media_type(declared) not in (JSON, BINARY):
            raise UnsupportedTypeError(f"the body must be {JSON} or {BINARY}, found {shown(declared)}")
        deadline = judge.admit(model, request.headers.raw)
        body = await read_bytes(request, limits)
        header = request.headers.get(HEADER)
        asked = await judge.do(partial(read_infer, body, header, model, limits), len(body), deadline)
        scores = await judge.score(model, asked.samples.x, asked.samples.unreadable, deadline)
        request.state.record.fields |= logged(model, scores)
        answer = await judge.do(partial(write_infer, asked, model, scores), len(body), deadline)
        if answer.json_bytes is None:
            return Response(answer.body, media_type=JSON)
        return Response(answer.body, headers={HEADER: str(answer.json_bytes)}, media_type=BINARY)
