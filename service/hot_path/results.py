"""The results of scored samples as JSON, written for a whole batch at once and handed out by request.

Numbers are turned into text by one call for the batch; what stands between them is constant. A result is ``PIECES``
pieces of text, the first of which ends the result before it, so that a request's results are one slice, joined.
"""

from collections.abc import Sequence

import numpy as np
import orjson
from numpy.typing import NDArray

from model.scorer import ANOMALY, INVALID, VERDICTS, Scores
from service.registry.models import ServedModel

PIECES = 7  # an id, a verdict, and three numbers, two of them behind what says which they are
_NEXT, _END = b'},{"id":', b"}"
_NAMELESS = _NEXT + b"null"


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
        numbers = _texts(scores.score, scores.p_value, scores.severity)
        pieces = [_NAMELESS] * (PIECES * count)
        pieces[1::PIECES] = [_JUDGED[verdict] for verdict in scores.verdict.tobytes()]  # one byte each
        pieces[2::PIECES] = numbers[:count]
        pieces[3::PIECES] = [b',"p_value":'] * count
        pieces[4::PIECES] = numbers[count : 2 * count]
        pieces[5::PIECES] = [b',"severity":'] * count
        pieces[6::PIECES] = numbers[2 * count :]
        for row, reason in scores.reasons.items():
            pieces[PIECES * row + 6] += b',"reason":' + orjson.dumps(reason)
        self._pieces = pieces

    def written(self, start: int, stop: int, ids: Sequence[str | int | None] | None = None) -> bytes:
        """Write rows ``start`` to ``stop``, at least one, as the items of a JSON array, under their ``ids``."""
        pieces = self._pieces[PIECES * start : PIECES * stop]
        if ids is not None:
            pieces[0::PIECES] = [_NEXT + orjson.dumps(name) for name in ids]
        pieces[0] = pieces[0][2:]
        pieces.append(_END)
        return b"".join(pieces)


def answer_of(model: ServedModel, request_id: str, results: bytes) -> bytes:
    """Write the answer to a score request around its ``results``."""
    return b'{"request_id":"%b%b%b]}' % (request_id.encode(), model.answer_head, results)


def _texts(*values: NDArray[np.float64]) -> list[bytes]:
    """Write numbers as JSON has them, NaN as null."""
    if len(values[0]) == 1:  # as most are
        return [orjson.dumps(value.item()) for value in values]
    return orjson.dumps(np.concatenate(values), option=orjson.OPT_SERIALIZE_NUMPY)[1:-1].split(b",")
