"""The route that answers in lines of results, as Lookout for Equipment wrote them into files."""

from functools import partial

from fastapi import APIRouter, Request, Response

from model.scorer import INVALID
from service.errors import UnsupportedTypeError
from service.judging import Judge, logged
from service.limits import Limits
from service.protocols.lookout.lines import JSON_LINES, result_lines
from service.protocols.lookout.openapi import LINES, LINES_BODY, OF_LINES
from service.protocols.lookout.request import CSV, parse_lines
from service.protocols.series import check_judges_rows, series_samples
from service.registry.models import Models
from service.request_body import JSON, media_type, read_bytes
from service.wording import shown


def lookout_routes(models: Models, judge: Judge, limits: Limits) -> APIRouter:
    """Build ``/models/{name}/lookout``."""
    router = APIRouter(tags=["Lookout for Equipment"])

    @router.post(
        "/models/{name}/lookout", response_class=Response, responses={**LINES, **OF_LINES}, openapi_extra=LINES_BODY
    )
    async def write_lines(request: Request, name: str) -> Response:
        """Judge rows with times: a line of JSON for each."""
        model = models.get(name)
        check_judges_rows(model)
        declared = request.headers.get("content-type", JSON)
        kind = media_type(declared)
        if kind not in (CSV, JSON):
            raise UnsupportedTypeError(f"the body must be {CSV} or {JSON}, found {shown(declared)}")
        deadline = judge.admit(model, request.headers.raw)
        body = await read_bytes(request, limits)
        query = request.query_params.multi_items()
        asked = await judge.do(partial(parse_lines, body, kind == CSV, query, model, limits), len(body), deadline)
        most = max(1, limits.explained_values // model.form.size)
        samples = await judge.do(partial(series_samples, asked.series, model, most), asked.series.x.nbytes, deadline)
        judge.count_invalid(model, [*samples.reasons.values()])
        scores = await judge.score(model, samples.x, {}, deadline)
        request.state.record.fields |= logged(model, scores, len(samples.reasons))
        explained = await judge.explain(model, samples.x[scores.verdict != INVALID], deadline)
        write = partial(result_lines, asked.series, samples, scores, explained, model.spec.names, asked.component)
        return Response(await judge.do(write, len(body), deadline), media_type=JSON_LINES)

    return router
