"""What the service answers about streams, as values."""

from dataclasses import dataclass
from enum import StrEnum

from plumbline_client.answers import SampleResult


class AlarmState(StrEnum):
    """Where an alarm stands, in the words of ANSI/ISA-18.2."""

    NORMAL = "normal"
    UNACKNOWLEDGED = "unacknowledged"
    ACKNOWLEDGED = "acknowledged"
    RETURNED_TO_NORMAL_UNACKNOWLEDGED = "returned_to_normal_unacknowledged"
    SHELVED = "shelved"


@dataclass(frozen=True, slots=True)
class Alarm:
    """The alarm of a stream; times are ISO 8601, by the service's clock. ``is_unjudged``: invalid for so long that nobody watches."""

    state: AlarmState
    since: str | None
    is_active: bool
    shelved_until: str | None
    shelved_reason: str | None
    is_unjudged: bool


@dataclass(frozen=True, slots=True)
class RowResult(SampleResult):
    """What is said of one row: the verdict on the window that ends with it.

    ``gap`` says that what came before does not join on to it, ``alarm`` what the row has changed the alarm's state to.
    """

    gap: str | None = None
    alarm: AlarmState | None = None


@dataclass(frozen=True, slots=True)
class RowsAnswer:
    """The results of one request, in the order of its rows, and where the alarm stands after them."""

    request_id: str
    model: str
    version: int
    digest: str
    stream: str
    threshold: float
    results: tuple[RowResult, ...]
    alarm: Alarm


@dataclass(frozen=True, slots=True)
class StreamState:
    """A stream as the service keeps it: how many rows have come, and how many of them the next window can stand on."""

    stream: str
    model: str
    row_count: int
    window: int
    window_length: int
    last_time: float | None
    last_used: str
    alarm: Alarm
