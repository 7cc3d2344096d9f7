"""Scoring, from a request's body to the bytes of its answer. Nothing here knows about HTTP."""

from collections.abc import Sequence
from dataclasses import dataclass
from time import perf_counter

import numpy as np
import orjson
from numpy.typing import NDArray

from model.scorer import ANOMALY, INVALID, VERDICTS, Scores
from service.answers import SampleResult, ScoreAnswer
from service.contributions import contributions
from service.errors import NotAcceptableError, StructureError
from service.formats.accept import wants_arrow
from service.formats.answer import write_answer
from service.formats.headers import Headers
from service.formats.request import read_request
from service.full_explanations import explained_in_full
from service.limits import Limits
from service.registry.models import ServedModel
from service.request_body import JSON
from service.sample_request import SCORE_FIELDS

_NAMES = tuple(verdict.value for verdict in VERDICTS)
IS_ANOMALY = tuple(None if verdict == INVALID else verdict == ANOMALY for verdict in range(len(VERDICTS)))


@dataclass(frozen=True)
class Scored:
    """An answer's bytes, and what metrics and logs say of it; ``seconds`` is the time the model took."""

    answer: bytes
    scores: Scores
    seconds: float
    content_type: str = JSON


def score(
    body: bytes, model: ServedModel, request_id: str, limits: Limits, headers: Headers = (), query: bytes = b""
) -> Scored:
    """Answer a score request; ``headers`` and ``query`` say what else there is to say of its body and its answer.

    Raises:
        RequestError: the subclass says what is wrong with the body.
    """
    request, arrow = read_request(body, headers, query, model, limits, SCORE_FIELDS), wants_arrow(headers)
    if request.explain and arrow:
        raise NotAcceptableError(f"explanations are written as {JSON}; accept that, or ask for none")
    start = perf_counter()
    scores = model.score(request.x, request.unreadable)
    seconds = perf_counter() - start
    if not request.explain:
        content_type, written = write_answer(request.ids, scores, model, request_id, arrow)
        return Scored(written, scores, seconds, content_type)
    results = results_of(request.ids, scores)
    explainer = model.scorer.explainer
    if request.explain == "full" and explainer is None:
        raise StructureError(
            f"model '{model.name}' version {model.version} keeps nothing to explain samples in full with; "
            "'explain' may be true or false"
        )
    valid = np.flatnonzero(scores.verdict != INVALID)
    for row, parts in zip(valid.tolist(), contributions(request.x[valid], model), strict=True):
        results[row]["contributions"] = parts.features
        if parts.steps is not None:
            results[row]["steps"] = parts.steps
        if request.explain == "full" and explainer is not None:
            results[row]["in_full"] = explained_in_full(request.x[row], explainer, model.spec)
    answer: ScoreAnswer = {
        **model.answered(request_id),
        "threshold": model.manifest.threshold.value,
        "results": results,
    }
    return Scored(orjson.dumps(answer), scores, seconds)


def verdict_counts(verdict: NDArray[np.int8]) -> dict[str, int]:
    """Count the verdicts [B] that were given."""
    given = verdict.tobytes()  # one byte each, and counted faster so
    counts = ((name, given.count(place)) for place, name in enumerate(_NAMES))
    return {name: count for name, count in counts if count}


def results_of(ids: Sequence[str | int | None], scores: Scores) -> list[SampleResult]:
    """Say of each sample what ``scores`` has, under its id."""
    results: list[SampleResult] = [
        {
            "id": name,
            "verdict": VERDICTS[verdict],
            "is_anomaly": IS_ANOMALY[verdict],
            "score": value,
            "p_value": p_value,
            "severity": severity,
        }
        for name, verdict, value, p_value, severity in zip(
            ids,
            scores.verdict.tolist(),
            scores.score.tolist(),  # NaN, the score of an invalid sample, is written as null
            scores.p_value.tolist(),
            scores.severity.tolist(),
            strict=True,
        )
    ]
    for row, reason in scores.reasons.items():
        results[row]["reason"] = reason
    return results
