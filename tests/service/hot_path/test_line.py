import warnings

import numpy as np
import pytest

from model.validity import MISSING
from service.hot_path.line import Samples, score_together
from service.registry.models import ServedModel
from tests.samples import clean_rows

X = clean_rows(4)


@pytest.mark.parametrize("dtype", ["f4", "f8"])
@pytest.mark.parametrize("others", [0, 1, 3])
def test_what_waits_as_it_was_sent_is_scored_as_float64(pump: ServedModel, dtype: str, others: int) -> None:
    sent = X.astype(dtype)
    together = [Samples.of(sent), *[Samples(X.tobytes(), len(X))] * others]
    scores = score_together(pump, together).scores.score
    expected = [pump.score(sent.astype(np.float64)).score, *[pump.score(X).score] * others]
    np.testing.assert_array_equal(scores, np.concatenate(expected))


def test_float32_takes_half_the_room_of_what_else_is_sent() -> None:
    held = {dtype: len(Samples.of(X.astype(dtype)).held) for dtype in ("f2", "f4", "f8", "i4")}
    assert held == {"f2": X.nbytes, "f4": X.nbytes // 2, "f8": X.nbytes, "i4": X.nbytes}


def test_samples_that_lie_where_no_number_may_begin_are_moved(pump: ServedModel) -> None:
    body = b"x" + X.tobytes()
    sent = np.frombuffer(memoryview(body)[1:]).reshape(X.shape)
    scored = score_together(pump, [Samples.of(sent)])
    np.testing.assert_array_equal(scored.scores.score, pump.score(X).score)


def test_a_signalling_nan_is_as_absent_as_any_other(pump: ServedModel) -> None:
    sent = X.astype("f4")
    sent[1, 2:3] = np.array([0x7F800001], dtype="u4").view("f4")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        scores = score_together(pump, [Samples.of(sent)]).scores
    assert [*scores.reasons] == [1]
    assert scores.reasons[1].startswith(MISSING)
