"""One request over HTTP: what goes out, and what comes back as an answer or an error."""

import math
import re
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any, Generic, TypeVar

import httpx2
import msgspec

from plumbline_client.calls import Call
from plumbline_client.errors import (
    CertificateError,
    DeadlineError,
    NoAnswerError,
    PlumblineError,
    UnreadableAnswerError,
    class_of,
)

Answer = TypeVar("Answer")
CONNECT_SECONDS = 5.0
LONGEST_SECONDS = 3_600.0  # that a request may ask for
SHOWN = 200
FOR_NOW = (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE)
REQUEST_ID = re.compile("[A-Za-z0-9._-]{1,128}")


@dataclass(frozen=True)
class Sending(Generic[Answer]):
    """A call on its way: under the same id and to the same deadline, however often it is tried."""

    call: Call[Answer]
    request_id: str
    deadline: float

    def __post_init__(self) -> None:
        if not REQUEST_ID.fullmatch(self.request_id):
            raise ValueError(
                f"a request id has 1 to 128 letters, digits, dots, dashes and underscores, found {self.request_id!r}"
            )

    def request(self, http: httpx2.Client | httpx2.AsyncClient) -> httpx2.Request:
        """Write the request; whoever serves it may drop it once the time that is left now is over.

        Raises:
            DeadlineError: it is over.
        """
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise self._too_late()
        call = self.call
        headers = {"X-Request-ID": self.request_id, "X-Request-Timeout": f"{min(max(left, 1e-3), LONGEST_SECONDS):.3f}"}
        return http.build_request(
            call.method,
            call.path,
            content=call.content,
            files=[*call.files] or None,
            headers=headers | dict(call.headers),
            timeout=httpx2.Timeout(left, connect=min(left, CONNECT_SECONDS)),
        )

    def read(self, response: httpx2.Response) -> Answer:
        """Read the answer.

        Raises:
            PlumblineError: it is an error, or nothing that can be understood.
        """
        if not response.is_success:
            raise self._told(response)
        try:
            return self.call.read(response.content)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise self._unreadable(response, str(error)) from error

    def no_answer(self, error: httpx2.RequestError) -> PlumblineError:
        """Say why no answer came."""
        if isinstance(error, httpx2.TimeoutException) and not isinstance(error, httpx2.ConnectTimeout):
            return self._too_late()
        reason = str(error) or type(error).__name__
        cause: BaseException | None = error
        while cause is not None:
            if isinstance(cause, ssl.SSLCertVerificationError):
                return CertificateError(reason, code="certificate_refused", request_id=self.request_id)
            cause = cause.__cause__ or cause.__context__
        was_sent = not isinstance(error, httpx2.ConnectError | httpx2.ConnectTimeout)
        return NoAnswerError(reason, code="no_answer", request_id=self.request_id, was_sent=was_sent)

    def _too_late(self) -> DeadlineError:
        return DeadlineError("no answer came in the time given", code="deadline_exceeded", request_id=self.request_id)

    def _told(self, response: httpx2.Response) -> PlumblineError:
        """Read an error in the one form that the service has for them."""
        try:
            told = msgspec.json.decode(response.content, type=_ErrorAnswer).error
        except (msgspec.DecodeError, UnicodeDecodeError):
            return self._unreadable(response, f"expected an answer of Plumbline, found {_shown(response)}")
        return class_of(response.status_code)(
            told.message,
            code=told.code,
            request_id=response.headers.get("X-Request-ID", self.request_id),
            status=response.status_code,
            details=told.details,
            retry_after=_seconds(response.headers.get("Retry-After")),
        )

    def _unreadable(self, response: httpx2.Response, reason: str) -> PlumblineError:
        """Tell of what is no answer of Plumbline's; what stands in between may be full, or have got no answer itself."""
        status, message = response.status_code, f"status {response.status_code}: {reason}"
        if status == HTTPStatus.BAD_GATEWAY:
            return NoAnswerError(message, code="no_answer", request_id=self.request_id, was_sent=True)
        kind = class_of(status) if status in FOR_NOW else UnreadableAnswerError
        return kind(
            message,
            code="unreadable_answer",
            request_id=self.request_id,
            status=status,
            retry_after=_seconds(response.headers.get("Retry-After")),
        )


def _shown(response: httpx2.Response) -> str:
    text = response.content[:SHOWN].decode("utf-8", "replace")
    return repr(text) if text else "nothing"


def _seconds(retry_after: str | None) -> float | None:
    """Read ``Retry-After``: seconds, or a date."""
    if retry_after is None:
        return None
    try:
        seconds = float(retry_after)
    except ValueError:
        try:
            seconds = (parsedate_to_datetime(retry_after) - datetime.now(UTC)).total_seconds()
        except (ValueError, TypeError):
            return None
    return max(0.0, seconds) if math.isfinite(seconds) else None


class _ErrorBody(msgspec.Struct):
    code: str
    message: str
    details: Mapping[str, Any] = {}


class _ErrorAnswer(msgspec.Struct):
    error: _ErrorBody
