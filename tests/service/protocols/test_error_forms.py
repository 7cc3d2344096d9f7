import pytest

from service.answers import ErrorAnswer
from service.protocols.error_forms import as_its_clients_read_it

OWN: ErrorAnswer = {"error": {"code": "wrong_structure", "message": "a sentence", "details": {"bad_samples": 1}}}


@pytest.mark.parametrize("path", ["/v2", "/v2/", "/v2/models/pump/infer"])
def test_the_inference_protocol_has_a_sentence_alone(path: str) -> None:
    assert as_its_clients_read_it(path, 422, OWN) == (422, {"error": "a sentence"})


@pytest.mark.parametrize(
    "path", ["/anomalydetector/v1.1/multivariate/models/a:detect-last", "/multivariate/models/a:detect-last"]
)
def test_azure_has_codes_of_its_own_and_says_400_of_what_is_malformed(path: str) -> None:
    assert as_its_clients_read_it(path, 422, OWN) == (400, {"error": {"code": "BadArgument", "message": "a sentence"}})
    other: ErrorAnswer = {"error": {"code": "body_too_large", "message": "a sentence", "details": {}}}
    expected = {"error": {"code": "body_too_large", "message": "a sentence"}}
    assert as_its_clients_read_it(path, 413, other) == (413, expected)


@pytest.mark.parametrize("path", ["", "/score", "/v20", "/models/v2/score", "/multivariate"])
def test_everywhere_else_errors_have_our_own_form(path: str) -> None:
    assert as_its_clients_read_it(path, 422, OWN) == (422, OWN)
