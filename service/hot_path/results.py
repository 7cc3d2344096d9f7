"""The results of scored samples as JSON, written for a whole batch at once and handed out by request.

Numbers are turned into text by one call for the batch; what stands between them is constant. A result is ``PIECES``
pieces of text, the first of which ends the result before it, so that a request's results are one slice, joined.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import orjson
from numpy.typing import NDArray

from model.scorer import ANOMALY, INVALID, VERDICTS, Scores
from service.registry.models import ServedModel

PIECES = 8  # what comes before an id, the id, a verdict, and three numbers, two of them behind what says which they are
_FIRST, _NEXT, _P_VALUE, _SEVERITY, _END = b'{"id":', b'},{"id":', b',"p_value":', b',"severity":', b"}"
_NAMELESS = b"null"


def _is_anomaly(verdict: int) -> str:
    return "null" if verdict == INVALID else str(verdict == ANOMALY).lower()


_JUDGED = tuple(
    f',"verdict":"{name}","is_anomaly":{_is_anomaly(verdict)},"score":'.encode()
    for verdict, name in enumerate(VERDICTS)
)


class Results:
    """The results of one batch of samples, ready to be handed out by rows."""

    def __init__(self, scores: Scores) -> None:
        count = len(scores.score)
        if count == 1:  # as most are
            score, p_value, severity = (
                orjson.dumps(values.item()) for values in (scores.score, scores.p_value, scores.severity)
            )
            judged = _JUDGED[scores.verdict.item()]
            self._pieces = [_NEXT, _NAMELESS, judged, score, _P_VALUE, p_value, _SEVERITY, severity]
            self._add(scores.reasons)
            return
        numbers = _texts(scores.score, scores.p_value, scores.severity)
        pieces = [_NEXT] * (PIECES * count)
        pieces[1::PIECES] = [_NAMELESS] * count
        pieces[2::PIECES] = [_JUDGED[verdict] for verdict in scores.verdict.tobytes()]  # one byte each
        pieces[3::PIECES] = numbers[:count]
        pieces[4::PIECES] = [_P_VALUE] * count
        pieces[5::PIECES] = numbers[count : 2 * count]
        pieces[6::PIECES] = [_SEVERITY] * count
        pieces[7::PIECES] = numbers[2 * count :]
        self._pieces = pieces
        self._add(scores.reasons)

    def _add(self, reasons: Mapping[int, str]) -> None:
        for row, reason in reasons.items():
            self._pieces[PIECES * row + 7] += b',"reason":' + orjson.dumps(reason)

    def written(self, start: int, stop: int, ids: Sequence[str | int | None] | None = None) -> bytes:
        """Write rows ``start`` to ``stop``, at least one, as the items of a JSON array, under their ``ids``."""
        pieces = self._pieces[PIECES * start : PIECES * stop]
        if ids is not None:
            pieces[1::PIECES] = _names(ids)
        pieces[0] = _FIRST
        pieces.append(_END)
        return b"".join(pieces)


def answer_of(model: ServedModel, request_id: str, results: bytes) -> bytes:
    """Write the answer to a score request around its ``results``."""
    return b'{"request_id":"%b%b%b]}' % (request_id.encode(), model.answer_head, results)


def _names(ids: Sequence[str | int | None]) -> list[bytes]:
    if len(ids) == 1:
        return [orjson.dumps(ids[0])]
    # A line break inside an id is escaped, so those that are left stand between ids.
    return orjson.dumps(ids, option=orjson.OPT_INDENT_2)[4:-2].split(b",\n  ")


def _texts(*values: NDArray[np.float64]) -> list[bytes]:
    """Write numbers as JSON has them, NaN as null."""
    return orjson.dumps(np.concatenate(values), option=orjson.OPT_SERIALIZE_NUMPY)[1:-1].split(b",")
