"""A request's body as bytes: of a type we take, and never more of it than we would read."""

import asyncio

from starlette.requests import Request

from service.errors import BodyTimeoutError, BodyTooLargeError, UnsupportedTypeError
from service.formats.compression import IDENTITY, content_encoding, inflate
from service.limits import Limits
from service.wording import shown

JSON = "application/json"


async def read_json_bytes(request: Request, limits: Limits) -> bytes:
    """Read a JSON body, within the limits on its size and on how long it may take to arrive.

    Raises:
        UnsupportedTypeError: declared as another type, or compressed in a way that is not known.
        UnreadableBodyError: what should be compressed is not, or not whole.
        BodyTooLargeError: by its declared length, or as soon as more than that has come in or been inflated.
        BodyTimeoutError: it stopped arriving.
    """
    # Absent is accepted: many a controller's HTTP client sends none.
    content_type = request.headers.get("content-type", JSON)
    if media_type(content_type) != JSON:
        raise UnsupportedTypeError(f"the body must be {JSON}, found {shown(content_type)}")
    return await read_bytes(request, limits)


def media_type(content_type: str) -> str:
    """Give a content type without its parameters."""
    return content_type.partition(";")[0].strip().lower()


async def read_bytes(request: Request, limits: Limits) -> bytes:
    """Read a body of any type, within the limits, and inflate it if it is compressed.

    Raises:
        UnreadableBodyError: what should be compressed is not, or not whole.
        RequestError: as ``read_json_bytes`` does.
    """
    encoding = content_encoding(request.headers.raw)
    declared = request.headers.get("content-length", "")
    if declared.isdecimal() and int(declared) > limits.body_bytes:
        raise _too_large(limits)
    chunks: list[bytes] = []
    size = 0
    try:
        async with asyncio.timeout(limits.body_seconds):
            async for chunk in request.stream():
                size += len(chunk)
                if size > limits.body_bytes:
                    raise _too_large(limits)
                chunks.append(chunk)
    except TimeoutError as error:
        raise BodyTimeoutError(f"the body must arrive within {limits.body_seconds:g} seconds") from error
    body = b"".join(chunks)
    return body if encoding == IDENTITY else await asyncio.to_thread(inflate, encoding, body, limits)


def _too_large(limits: Limits) -> BodyTooLargeError:
    return BodyTooLargeError(
        f"a body may have {limits.body_bytes:,} bytes; send the samples in several requests",
        {"max_bytes": limits.body_bytes},
    )
