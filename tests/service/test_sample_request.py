import pytest

from model.features import FeatureSpec
from service.errors import RequestError, StructureError, TooManySamplesError
from service.limits import Limits
from service.sample_request import SCORE_FIELDS, may_take_long, parse_request
from tests.samples import FEATURES

SPEC = FeatureSpec(features=FEATURES)


def refusal(body: bytes, limits: Limits | None = None) -> RequestError:
    with pytest.raises(RequestError) as refused:
        parse_request(body, SPEC, limits or Limits(), SCORE_FIELDS)
    return refused.value


def test_samples_without_ids_have_none() -> None:
    assert parse_request(b'{"samples": [[1,2,3,4],[1,2,3,4]]}', SPEC, Limits()).ids == [None, None]


def test_ids_may_be_strings_and_integers() -> None:
    body = b'{"samples": [[1,2,3,4],[1,2,3,4]], "ids": ["a", 18446744073709551615]}'
    assert parse_request(body, SPEC, Limits()).ids == ["a", 18446744073709551615]


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"[]", "the body must be an object with 'samples', found an array"),
        (b"3", "the body must be an object with 'samples', found 3"),
        (b"{}", "the body has no 'samples'"),
        (b'{"samples": []}', "'samples' must be an array of at least one sample, found an empty one"),
        (b'{"samples": {"a": 1}}', "'samples' must be an array of at least one sample, found an object"),
        (b'{"samples": null}', "'samples' must be an array of at least one sample, found null"),
        (
            b'{"samples": [[1,2,3,4]], "explian": true}',
            "may have the fields 'explain', 'ids', 'samples', found 'explian'",
        ),
        (b'{"samples": [[1,2,3,4]], "explain": 1}', "'explain' must be true, false or \"full\", found 1"),
        (b'{"samples": [[1,2,3,4]], "ids": []}', "1 strings or integers, one for each sample, found 0"),
        (b'{"samples": [[1,2,3,4]], "ids": "a"}', 'one for each sample, found "a"'),
        (b'{"samples": [[1,2,3,4]], "ids": [true]}', "must be strings or integers, found true at index 0"),
        (b'{"samples": [[1,2,3,4]], "ids": [1.5]}', "must be strings or integers, found 1.5 at index 0"),
        (b'{"samples": [[1,2,3,4]], "ids": [null]}', "must be strings or integers, found null at index 0"),
    ],
)
def test_another_structure_is_refused_in_words(body: bytes, said: str) -> None:
    error = refusal(body)
    assert isinstance(error, StructureError)
    assert said in str(error)


def test_explain_is_no_field_of_requests_that_cannot_explain() -> None:
    with pytest.raises(StructureError, match="found 'explain'"):
        parse_request(b'{"samples": [[1,2,3,4]], "explain": true}', SPEC, Limits())


def test_more_samples_than_allowed_are_refused() -> None:
    error = refusal(b'{"samples": [[1,2,3,4],[1,2,3,4],[1,2,3,4]]}', Limits(samples=2))
    assert isinstance(error, TooManySamplesError)
    assert "may hold 2 samples, found 3" in str(error)


def test_more_explanations_than_allowed_are_refused() -> None:
    error = refusal(b'{"samples": [[1,2,3,4],[1,2,3,4]], "explain": true}', Limits(explained_values=7))
    assert isinstance(error, TooManySamplesError)
    assert "explain 1 samples of 4 values, found 2" in str(error)


def test_samples_to_explain_in_full_have_a_limit_of_their_own() -> None:
    error = refusal(b'{"samples": [[1,2,3,4],[1,2,3,4]], "explain": "full"}', Limits(fully_explained_values=7))
    assert isinstance(error, TooManySamplesError)
    assert "explain 1 samples of 4 values in full, found 2" in str(error)


def test_one_sample_may_always_be_explained_in_full() -> None:
    body = b'{"samples": [[1,2,3,4]], "explain": "full"}'
    assert parse_request(body, SPEC, Limits(fully_explained_values=1), SCORE_FIELDS).explain == "full"


def test_another_word_for_how_much_to_explain_is_refused() -> None:
    assert 'must be true, false or "full", found "some"' in str(refusal(b'{"samples": [[1,2,3,4]], "explain": "some"}'))


def test_a_body_that_may_take_long_is_known_without_reading_it() -> None:
    assert may_take_long(b'{"samples": [[1]], "explain": "full"}')
    assert may_take_long(b'{"samples": [[1]], "explain": "f\\u0075ll"}')
    assert may_take_long(b'{"samples": [[1]], "purify": true}')
    assert not may_take_long(b'{"samples": [[1]], "explain": true}')


def test_a_boolean_value_is_found_beside_an_explain_flag() -> None:
    request = parse_request(b'{"samples": [[1,true,3,4]], "explain": false}', SPEC, Limits(), SCORE_FIELDS)
    assert request.unreadable == {0: "not_a_number: 'flow' is true, expected a number"}
