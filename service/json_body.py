"""A request body as JSON: read fast, and read leniently where a number is what breaks it."""

import json

import orjson

from service.errors import UnreadableBodyError

# Integers of these are kept, as the fast reader keeps them; one beyond is at home in floating point, if anywhere.
INTEGERS = range(-(2**63), 2**64)
INTEGER_CHARACTERS = 20


def parse_json(body: bytes) -> object:
    """Read ``body`` as JSON.

    NaN, Infinity and numbers beyond floating point are read too: whoever sent them sent one bad sample, not a bad
    request.

    Raises:
        UnreadableBodyError: not JSON, not UTF-8, or nested too deeply.
    """
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        return _parse_leniently(body)


def _parse_leniently(body: bytes) -> object:
    try:
        parsed = json.loads(body.decode(), parse_int=_number)
        # The standard library reads lone surrogates, which no answer could repeat, and deeper nesting.
        orjson.dumps(parsed)
    except UnicodeDecodeError as error:
        raise UnreadableBodyError(f"the body is not UTF-8: {error.reason} at byte {error.start}") from error
    except (ValueError, TypeError) as error:
        raise UnreadableBodyError(f"the body is not JSON: {error}") from error
    except RecursionError as error:
        raise UnreadableBodyError("the body is not JSON that can be read: it is nested too deeply") from error
    return parsed


def _number(digits: str) -> int | float:
    if len(digits) <= INTEGER_CHARACTERS and (number := int(digits)) in INTEGERS:
        return number
    return float(digits)
