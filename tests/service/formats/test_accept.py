import pytest

from service.formats.accept import wants_arrow

ARROW, JSON = "application/vnd.apache.arrow.stream", "application/json"


@pytest.mark.parametrize(
    "accept",
    [
        ARROW,
        ARROW.upper(),
        f"{ARROW}, */*",
        f"*/*, {ARROW}",
        f"{ARROW}, {JSON}",
        f"{JSON};q=0.5, {ARROW};q=0.6",
        f"text/html, {ARROW};q=0.3",
        f"{ARROW};q=1.000",
        f" {ARROW} ; q=0.9 , {JSON};q=0.8",
    ],
)
def test_arrow_is_given_to_who_prefers_it(accept: str) -> None:
    assert wants_arrow([(b"host", b"x"), (b"accept", accept.encode())])


@pytest.mark.parametrize(
    "accept",
    [
        "",
        "*/*",
        "application/*",
        "text/html",
        JSON,
        f"{JSON}, {ARROW}",
        f"{ARROW};q=0",
        f"{ARROW};q=0.5, {JSON}",
        f"{ARROW};q=0.5, */*",
        f"{ARROW};q=x",
        f"{ARROW};q=nan",
        f"{ARROW};q=-1",
        f"text/html;a={ARROW}",
        f"{ARROW}s",
    ],
)
def test_everybody_else_gets_json(accept: str) -> None:
    assert not wants_arrow([(b"accept", accept.encode())])


def test_without_a_header_the_answer_is_json() -> None:
    assert not wants_arrow([])


def test_the_header_may_come_in_parts() -> None:
    assert wants_arrow([(b"accept", b"text/html"), (b"accept", ARROW.encode())])
