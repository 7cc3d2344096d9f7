"""The results of scored samples as JSON, written for a whole batch at once and handed out by request.

Numbers are turned into text by one call for the batch; what stands between them is constant. A result is ``PIECES``
pieces of text, the first of which ends before the sample's id, so that a request's results are one slice, joined.
"""

from collections.abc import Sequence

import numpy as np
import orjson
from numpy.typing import NDArray

from model.scorer import ANOMALY, INVALID, VERDICTS, Scores
from service.registry.models import ServedModel

PIECES = 9
NO_ID = b"null"
_NEXT, _FIRST = b',{"id":', b'{"id":'


def _is_anomaly(verdict: int) -> str:
    return "null" if verdict == INVALID else str(verdict == ANOMALY).lower()


_VERDICT = tuple(
    f',"verdict":"{name}","is_anomaly":{_is_anomaly(verdict)},"score":'.encode()
    for verdict, name in enumerate(VERDICTS)
)


class Results:
    """The results of one batch of samples, ready to be handed out by rows."""

    def __init__(self, scores: Scores) -> None:
        count = len(scores.score)
        pieces: list[bytes] = [b""] * (PIECES * count)
        pieces[0::PIECES] = [_NEXT] * count
        pieces[1::PIECES] = [NO_ID] * count
        pieces[2::PIECES] = [_VERDICT[verdict] for verdict in scores.verdict.tolist()]
        pieces[3::PIECES] = _texts(scores.score)
        pieces[4::PIECES] = [b',"p_value":'] * count
        pieces[5::PIECES] = _texts(scores.p_value)
        pieces[6::PIECES] = [b',"severity":'] * count
        pieces[7::PIECES] = _texts(scores.severity)
        pieces[8::PIECES] = [b"}"] * count
        for row, reason in scores.reasons.items():
            pieces[PIECES * row + 8] = b',"reason":' + orjson.dumps(reason) + b"}"
        self._pieces = pieces

    def written(self, start: int, stop: int, ids: Sequence[str | int | None] | None = None) -> bytes:
        """Write rows ``start`` to ``stop``, at least one, as the items of a JSON array, under their ``ids``."""
        pieces = self._pieces[PIECES * start : PIECES * stop]
        pieces[0] = _FIRST
        if ids is not None:
            pieces[1::PIECES] = [orjson.dumps(name) for name in ids]
        return b"".join(pieces)


def answer_of(model: ServedModel, request_id: str, results: bytes) -> bytes:
    """Write the answer to a score request around its ``results``."""
    return b'{"request_id":"%b%b%b]}' % (request_id.encode(), model.answer_head, results)


def _texts(values: NDArray[np.float64]) -> list[bytes]:
    """Write numbers as JSON has them, NaN as null."""
    if len(values) == 1:
        return [orjson.dumps(values.item())]
    return orjson.dumps(values.tolist())[1:-1].split(b",")
