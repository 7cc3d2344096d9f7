"""The routes of Azure's multivariate Anomaly Detector: detection of the last point."""

from functools import partial

import orjson
from fastapi import APIRouter, Request, Response

from model.scorer import ANOMALY
from service.judging import Judge, logged
from service.limits import Limits
from service.protocols.azure.answers import LastDetection
from service.protocols.azure.detection import last_detection, unjudged, value_of
from service.protocols.azure.openapi import DETECT_BODY, DETECT_BODY_OF_VERSION, DETECTED, OF_DETECTION
from service.protocols.azure.request import DetectRequest, parse_detect
from service.protocols.series import check_judges_rows, series_samples
from service.registry.models import Models, ServedModel
from service.request_body import JSON, read_json_bytes

PATH = "/multivariate/models/{name}:detect-last"


def azure_routes(models: Models, judge: Judge, limits: Limits) -> APIRouter:
    """Build ``...:detect-last``, at the paths of Azure's own clients and below the endpoint of others."""
    router = APIRouter(tags=["Azure Anomaly Detector"])

    async def detected(request: Request, model: ServedModel) -> LastDetection:
        check_judges_rows(model)
        deadline = judge.admit(model, request.headers.raw)
        body = await read_json_bytes(request, limits)
        asked: DetectRequest = await judge.do(partial(parse_detect, body, model, limits), len(body), deadline)
        series = asked.series.last(model.steps or 1)
        samples = series_samples(series, model, 1)
        scores = await judge.score(model, samples.x, {}, deadline)
        last = len(series) - 1
        unscored = [samples.reasons[last]] if last in samples.reasons else []
        judge.count_invalid(model, unscored)
        request.state.record.fields |= logged(model, scores, len(unscored))
        reasons = dict(samples.reasons)
        if scores.reasons:
            reasons[last] = scores.reasons[0]
        if last in reasons:
            return last_detection(series, model, None, unjudged(reasons, samples.gaps, series))
        explained = await judge.explain(model, samples.x, deadline) if scores.verdict[0] == ANOMALY else []
        return last_detection(series, model, value_of(scores, explained, asked.contributors), [])

    @router.post(
        f"/anomalydetector/{{api_version}}{PATH}",
        responses={**DETECTED, **OF_DETECTION},
        openapi_extra=DETECT_BODY_OF_VERSION,
    )
    async def detect_last_of_version(request: Request, name: str) -> Response:
        """Judge the last of timestamps that several variables have in common."""
        return Response(orjson.dumps(await detected(request, models.get(name))), media_type=JSON)

    @router.post(PATH, responses={**DETECTED, **OF_DETECTION}, openapi_extra=DETECT_BODY)
    async def detect_last(request: Request, name: str) -> Response:
        """Judge the last of timestamps that several variables have in common."""
        return Response(orjson.dumps(await detected(request, models.get(name))), media_type=JSON)

    return router
