"""What can be wrong with a request, one class for each way; ``error_answer.py`` says what each means in HTTP."""

from collections.abc import Mapping

from pydantic import JsonValue

from model.errors import PlumblineError


class RequestError(PlumblineError):
    """Root of what the client can be told about its request; ``details`` are for machines.

    ``retry_after_seconds`` says when to come back, where that helps.
    """

    retry_after_seconds: int | None = None

    def __init__(self, message: str, details: Mapping[str, JsonValue] | None = None) -> None:
        super().__init__(message)
        self.details = dict(details or {})


class UnreadableBodyError(RequestError):
    """The body is not of the type that it is declared as, or damaged."""


class BodyTimeoutError(RequestError):
    """The body did not arrive in time."""


class BodyTooLargeError(RequestError):
    """The body has more bytes than one request may have."""


class TooManySamplesError(RequestError):
    """The body holds more samples, or asks for more explanations, than one request may."""


class UnsupportedTypeError(RequestError):
    """The body is of a type or encoding that is not taken."""


class NotAcceptableError(RequestError):
    """The request asks for what cannot be written in the form that it accepts."""


class StructureError(RequestError):
    """The body can be read, but is not of the form that the model's features call for."""


class UnknownModelError(RequestError):
    """No model has this name, or it is not served in this version."""


class UnknownVersionError(RequestError):
    """The model has no version of this number."""


class VersionRefusedError(RequestError):
    """The version failed its checks."""


class NotComparableError(RequestError):
    """The version cannot be compared with the one that serves."""


class NoShadowError(RequestError):
    """No version scores beside the one that serves."""


class NoEarlierVersionError(RequestError):
    """There is no version to go back to."""


class StateUnavailableError(RequestError):
    """What is decided about versions cannot be written down."""


class NoDefaultModelError(RequestError):
    """The request names no model, and the service has none it could mean."""


class UnknownStreamError(RequestError):
    """The model has no stream of this name."""


class NoStreamsError(RequestError):
    """The model judges samples that do not follow each other in time."""


class StreamsUnavailableError(RequestError):
    """Streams cannot be read or written now."""

    retry_after_seconds = 10


class NoLatentError(RequestError):
    """The model's detector has no latent space to encode into."""


class NotReadyError(RequestError):
    """The service, or the model asked for, cannot answer now."""

    retry_after_seconds = 10


class UnreadableHeaderError(RequestError):
    """A header of the request does not say what it is there for."""


class OverloadedError(RequestError):
    """More requests wait already than can be answered soon."""

    retry_after_seconds = 1


class DeadlineError(RequestError):
    """The request could not be answered in the time that it allows for."""


class AccessError(RequestError):
    """Root of what is said to those who are not let in: ``key`` is the name of theirs, ``reason`` one of few words."""

    reason: str

    def __init__(self, message: str, details: Mapping[str, JsonValue] | None = None, *, key: str | None = None) -> None:
        super().__init__(message, details)
        self.key = key


class UnauthenticatedError(AccessError):
    """The request brings no key that is known and in force."""

    def __init__(self, message: str, *, reason: str, key: str | None = None) -> None:
        super().__init__(message, key=key)
        self.reason = reason


class ForbiddenError(AccessError):
    """The request's key is for other things."""

    reason = "forbidden"


class RateLimitedError(AccessError):
    """The request comes too soon after others of the same client."""

    reason = "rate_limited"

    def __init__(self, seconds: int, *, key: str | None = None) -> None:
        super().__init__(
            f"more than {'this key' if key else 'one address'} may send; try again in {seconds} s",
            {"retry_after_seconds": seconds},
            key=key,
        )
        self.retry_after_seconds = seconds
