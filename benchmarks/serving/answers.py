"""Right answers before fast ones: a server's scores against those that the bundle gives."""

import httpx2
import numpy as np

from benchmarks.errors import MeasurementError
from benchmarks.server import Server
from benchmarks.serving.contender import Contender
from benchmarks.serving.kinds import Kind


def check_answers(contender: Contender, server: Server) -> dict[Kind, str]:
    """Ask a server once in every kind it has a request for; returns the kinds that it does not take, and its answer.

    Raises:
        MeasurementError: its scores differ from the bundle's, or it answers with another error.
    """
    refused = {}
    for kind, request in contender.requests.items():
        try:
            answer = request.send(server.url)
            if answer.status_code == httpx2.codes.UNSUPPORTED_MEDIA_TYPE:
                refused[kind] = f"{kind.name}: answered 415, {answer.text[:200]}"
                continue
            if answer.status_code != httpx2.codes.OK:
                raise MeasurementError(f"{kind.name}: answered {answer.status_code}, {answer.text[:200]}")
            scores = request.read_scores(answer).ravel()
        except (httpx2.HTTPError, LookupError, TypeError, ValueError) as error:
            raise MeasurementError(f"{kind.name}: expected an answer with scores, found {error!r}") from error
        expected = contender.scores[: kind.samples]
        if scores.shape != expected.shape or not np.allclose(scores, expected, rtol=contender.rtol, atol=0):
            raise MeasurementError(f"{kind.name}: does not give {kind.samples} samples the scores that the bundle does")
    return refused
