"""The routes about versions: which there are, and which is to serve."""

from collections.abc import Callable
from functools import partial

from anyio import to_thread
from fastapi import APIRouter, Request

from service.errors import NoShadowError, NotReadyError, UnknownModelError
from service.limits import Limits
from service.metrics import Metrics
from service.openapi import errors
from service.registry.answers import DecidedAnswer, VersionList, decided_answer, version_list
from service.registry.openapi import OF_DECISION, OF_LIST, OF_PIN, OF_ROLLBACK, OF_SHADOW, PIN_BODY, SHADOW_BODY
from service.registry.registry import Registry
from service.registry.request import parse_version
from service.registry.steering import begin_shadow, end_shadow, pin, roll_back, unpin
from service.request_body import read_json_bytes
from service.request_record import RequestRecord
from service.shadow.answers import ShadowReport, shadow_report
from service.shadow.metrics import read_figures


def version_routes(registry: Registry, limits: Limits, metrics: Metrics, watch_seconds: float) -> APIRouter:
    """Build what is below ``/models/{name}`` and concerns versions. Other workers look every ``watch_seconds``."""
    router = APIRouter(tags=["versions"])

    async def decided(request: Request, name: str, decide: Callable[[], None]) -> DecidedAnswer:
        await to_thread.run_sync(decide)
        named = registry.models.named(name)
        record: RequestRecord = request.state.record
        record.fields |= {"model": name, "version": named.served.version if named.served else None}
        return decided_answer(named, watch_seconds)

    @router.get("/models/{name}/versions", responses=OF_LIST)
    async def list_versions(name: str) -> VersionList:
        """List the versions of a model: which serves, which was refused and why."""
        lineage = registry.lineage(name)
        versions = await to_thread.run_sync(registry.versions, name)
        return version_list(registry.models.named(name), lineage, versions)

    @router.post("/models/{name}/pin", responses=OF_PIN, openapi_extra=PIN_BODY)
    async def pin_version(request: Request, name: str) -> DecidedAnswer:
        """Serve a version and hold it, whatever comes. It is checked first; the answer comes once it serves."""
        version = parse_version(await read_json_bytes(request, limits))
        return await decided(request, name, partial(pin, registry, name, version))

    @router.delete("/models/{name}/pin", responses=OF_DECISION)
    async def unpin_version(request: Request, name: str) -> DecidedAnswer:
        """Serve the highest good version again, and those that come."""
        return await decided(request, name, partial(unpin, registry, name))

    @router.post("/models/{name}/rollback", responses=OF_ROLLBACK)
    async def roll_back_version(request: Request, name: str) -> DecidedAnswer:
        """Serve the version that served before, else the next lower good one, and pin it."""
        return await decided(request, name, partial(roll_back, registry, name))

    @router.post("/models/{name}/shadow", responses=OF_SHADOW, openapi_extra=SHADOW_BODY)
    async def begin_shadow_of_model(request: Request, name: str) -> DecidedAnswer:
        """Have a version score what the version that serves scores, in silence, and hold that one."""
        version = parse_version(await read_json_bytes(request, limits))
        return await decided(request, name, partial(begin_shadow, registry, name, version))

    @router.delete("/models/{name}/shadow", responses=OF_DECISION)
    async def end_shadow_of_model(request: Request, name: str) -> DecidedAnswer:
        """Have nothing score beside the version that serves."""
        return await decided(request, name, partial(end_shadow, registry, name))

    @router.get("/models/{name}/shadow", responses=errors(UnknownModelError, NotReadyError, NoShadowError))
    async def report_shadow(name: str) -> ShadowReport:
        """Tell what the version that scores in silence found in the same samples, all workers together."""
        served = registry.models.get(name)
        if served.shadow is None:
            raise NoShadowError(f"no version of model '{name}' scores beside version {served.version}")
        candidate = served.shadow.candidate

        def read() -> ShadowReport:  # with several workers, from files
            collected = metrics.collected().collect()
            figures = read_figures(collected, name, served.version, candidate.manifest.version)
            return shadow_report(name, served.version, candidate.manifest.version, candidate.digest, figures)

        return await to_thread.run_sync(read)

    return router
