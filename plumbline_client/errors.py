"""What can go wrong with a request, one class for each thing that a caller may want to do about it."""

from collections.abc import Mapping


class PlumblineError(Exception):
    """Root of everything that this client raises on purpose.

    ``code`` is stable and for programs, the message is a sentence for people; ``details`` are as the service sent them.
    ``status`` is that of HTTP, None where no answer came. The service's log has a line with ``request_id``.
    ``retry_after`` is how many seconds the service asks to be left alone, where it does.
    """

    def __init__(
        self,
        message: str,
        *,
        code: str,
        request_id: str | None = None,
        status: int | None = None,
        details: Mapping[str, object] | None = None,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.request_id = request_id
        self.status = status
        self.details = dict(details or {})
        self.retry_after = retry_after

    def __str__(self) -> str:
        told = "" if self.request_id is None else f" (request {self.request_id})"
        return f"{self.code}: {self.message}{told}"


class NoAnswerError(PlumblineError):
    """No answer came: the service could not be reached, or the connection broke. Code ``no_answer``.

    ``was_sent`` is False where the service cannot have seen the request.
    """

    def __init__(self, message: str, *, code: str, request_id: str, was_sent: bool) -> None:
        super().__init__(message, code=code, request_id=request_id)
        self.was_sent = was_sent


class CertificateError(PlumblineError):
    """The service, or whoever stands in its place, could not prove who it is. Code ``certificate_refused``."""


class DeadlineError(PlumblineError):
    """The time that the call was given is over, here or in the service. Code ``deadline_exceeded``."""


class UnreadableAnswerError(PlumblineError):
    """What answered is no Plumbline, or another version that cannot be understood. Code ``unreadable_answer``."""


class InvalidRequestError(PlumblineError):
    """The request cannot be answered as it is: structure, feature names, types."""


class TooLargeError(InvalidRequestError):
    """The request holds more bytes or samples than the service takes at once."""


class NotFoundError(InvalidRequestError):
    """There is no such model, stream or path."""


class NotAllowedError(PlumblineError):
    """The key is missing, unknown or expired, or is not for this."""


class RateLimitedError(PlumblineError):
    """Too many requests came with this key, or from this address."""


class UnavailableError(PlumblineError):
    """The service is starting, stopping or full, or the model cannot be served now."""


class ServerError(PlumblineError):
    """The service is at fault; its log says more under ``request_id``."""


CLASSES: Mapping[int, type[PlumblineError]] = {
    401: NotAllowedError,
    403: NotAllowedError,
    404: NotFoundError,
    413: TooLargeError,
    429: RateLimitedError,
    431: TooLargeError,
    503: UnavailableError,
    504: DeadlineError,
}


def class_of(status: int) -> type[PlumblineError]:
    """Give the class of an error that was answered with ``status``."""
    return CLASSES.get(status, ServerError if status >= 500 else InvalidRequestError)
