"""Errors on the wire: one form for all of them, and the one table from what went wrong to what HTTP calls it."""

from collections.abc import Mapping
from http import HTTPStatus

import orjson
from pydantic import JsonValue
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Match

from service.answers import ErrorAnswer
from service.errors import (
    BodyTimeoutError,
    BodyTooLargeError,
    DeadlineError,
    ForbiddenError,
    NoDefaultModelError,
    NoEarlierVersionError,
    NoLatentError,
    NoShadowError,
    NoStreamsError,
    NotAcceptableError,
    NotComparableError,
    NotReadyError,
    OverloadedError,
    RateLimitedError,
    RequestError,
    StateUnavailableError,
    StreamsUnavailableError,
    StructureError,
    TooManySamplesError,
    UnauthenticatedError,
    UnknownModelError,
    UnknownStreamError,
    UnknownVersionError,
    UnreadableBodyError,
    UnreadableHeaderError,
    UnsupportedTypeError,
    VersionRefusedError,
)
from service.protocols.error_forms import as_its_clients_read_it

CHALLENGE = 'Bearer realm="plumbline"'

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")

# Error class: status, code.
STATUS: Mapping[type[RequestError], tuple[int, str]] = {
    UnreadableBodyError: (400, "unreadable_body"),
    UnreadableHeaderError: (400, "unreadable_header"),
    UnauthenticatedError: (401, "unauthenticated"),
    ForbiddenError: (403, "forbidden"),
    UnknownModelError: (404, "unknown_model"),
    NoDefaultModelError: (404, "no_default_model"),
    NoLatentError: (404, "no_latent"),
    UnknownStreamError: (404, "unknown_stream"),
    NoStreamsError: (404, "no_streams"),
    UnknownVersionError: (404, "unknown_version"),
    NoShadowError: (404, "no_shadow"),
    NotAcceptableError: (406, "not_acceptable"),
    BodyTimeoutError: (408, "body_timeout"),
    VersionRefusedError: (409, "version_refused"),
    NotComparableError: (409, "not_comparable"),
    NoEarlierVersionError: (409, "no_earlier_version"),
    BodyTooLargeError: (413, "body_too_large"),
    TooManySamplesError: (413, "too_many_samples"),
    UnsupportedTypeError: (415, "unsupported_type"),
    StructureError: (422, "wrong_structure"),
    RateLimitedError: (429, "rate_limited"),
    NotReadyError: (503, "not_ready"),
    OverloadedError: (503, "overloaded"),
    DeadlineError: (504, "deadline_exceeded"),
    StreamsUnavailableError: (503, "streams_unavailable"),
    StateUnavailableError: (503, "state_unavailable"),
}


def error_answer(
    status: int,
    code: str,
    message: str,
    details: Mapping[str, JsonValue] | None = None,
    headers: Mapping[str, str] | None = None,
    path: str = "",
) -> Response:
    """Write an error in the one form they all have, unless the clients of ``path`` read another."""
    own: ErrorAnswer = {"error": {"code": code, "message": message, "details": dict(details or {})}}
    status, answer = as_its_clients_read_it(path, status, own)
    return Response(orjson.dumps(answer), status, headers, "application/json")


def answer_to(error: RequestError, path: str = "") -> Response:
    """Write what the client is told of ``error``."""
    status, code = STATUS[type(error)]
    return error_answer(status, code, str(error), error.details, headers_to(error), path)


def headers_to(error: RequestError) -> dict[str, str]:
    """Give the headers of an answer to ``error``: when to come back, and what kind of key is asked for."""
    headers = {}
    if error.retry_after_seconds is not None:
        headers["Retry-After"] = str(error.retry_after_seconds)
    if isinstance(error, UnauthenticatedError):
        headers["WWW-Authenticate"] = CHALLENGE
    return headers


async def answer_request_error(request: Request, error: Exception) -> Response:
    """Answer a ``RequestError``."""
    if not isinstance(error, RequestError):
        raise TypeError(f"registered for RequestError, got {type(error).__name__}")
    request.state.record.fields["error"] = STATUS[type(error)][1]
    return answer_to(error, request.url.path)


async def answer_http_exception(request: Request, error: Exception) -> Response:
    """Answer what the framework found: no such path, no such method."""
    if not isinstance(error, HTTPException):
        raise TypeError(f"registered for HTTPException, got {type(error).__name__}")
    status = HTTPStatus(error.status_code)
    code = status.phrase.lower().replace(" ", "_")
    request.state.record.fields["error"] = code
    messages = {
        HTTPStatus.NOT_FOUND: "there is nothing at this path; see /docs",
        HTTPStatus.METHOD_NOT_ALLOWED: f"{request.method} is not possible here",
    }
    # The framework names the methods of the first route of this path, and there may be several.
    headers = {"Allow": ", ".join(_methods(request))} if status == HTTPStatus.METHOD_NOT_ALLOWED else error.headers
    return error_answer(status, code, messages.get(status, str(error.detail)), headers=headers, path=request.url.path)


def _methods(request: Request) -> list[str]:
    """Give the methods that the path of a request is there for."""

    def is_there(method: str) -> bool:
        scope = {**request.scope, "method": method}
        return any(route.matches(scope)[0] is Match.FULL for route in request.app.routes)

    return [method for method in METHODS if is_there(method)]


def internal_error(request_id: str, path: str = "") -> Response:
    """Answer when we are at fault: an id to find the log by, and nothing of the fault itself."""
    return error_answer(
        500, "internal_error", "an error of ours, logged with this request id", {"request_id": request_id}, path=path
    )
