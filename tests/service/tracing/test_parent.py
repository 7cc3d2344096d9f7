import pytest

from service.tracing.parent import TraceParent, parent_in, trace_parent

TRACE, SPAN = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
HEADER = f"00-{TRACE}-{SPAN}-01".encode()


def test_a_header_names_the_trace_and_the_span_that_called() -> None:
    assert trace_parent(HEADER) == TraceParent(TRACE, SPAN, 1)
    assert trace_parent(HEADER[:-1] + b"0") == TraceParent(TRACE, SPAN, 0)


def test_a_later_version_may_say_more() -> None:
    assert trace_parent(b"01" + HEADER[2:] + b"-more") == TraceParent(TRACE, SPAN, 1)


@pytest.mark.parametrize(
    "header",
    [
        b"",
        HEADER[:-3],
        HEADER + b"-more",
        HEADER + b"\n",
        HEADER.upper(),
        b"ff" + HEADER[2:],
        b"00-" + b"0" * 32 + HEADER[35:],
        HEADER.replace(SPAN.encode(), b"0" * 16),
        b"x" * 10_000,
    ],
)
def test_a_header_that_is_none_counts_as_absent(header: bytes) -> None:
    assert trace_parent(header) is None


def test_the_header_is_found_among_others() -> None:
    assert parent_in([(b"host", b"x"), (b"traceparent", HEADER)]) == TraceParent(TRACE, SPAN, 1)
    assert parent_in([(b"host", b"x")]) is None
