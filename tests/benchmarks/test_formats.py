import numpy as np
import orjson
import pytest

from benchmarks.formats import WIDTH, forms, writers
from service.formats.arrow_rows import ArrowSamples
from service.hot_path.plain import PlainRequest
from service.sample_request import SampleRequest

X = np.random.default_rng(0).normal(50.0, 10.0, (3, WIDTH))
FORMS = forms(X)


@pytest.mark.parametrize("form", FORMS)
def test_every_form_holds_the_same_samples(form: str) -> None:
    found = FORMS[form][1]()
    if isinstance(found, SampleRequest | ArrowSamples):
        found = found.x
    elif isinstance(found, PlainRequest):
        found = np.frombuffer(found.values).reshape(X.shape)
    elif isinstance(found, bytes):
        found = np.array(orjson.loads(found)["samples"])
    expected = X.astype(np.float32) if form == "float32" else X
    np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize("how", writers(1))
def test_everything_that_is_timed_writes_something(how: str) -> None:
    assert writers(20)[how]()
