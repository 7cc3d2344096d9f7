"""A stream of rows: a verdict on each as it comes, and an alarm led through them."""

from collections.abc import Awaitable, Sequence
from typing import Any, Literal, Protocol, TypeAlias, TypeVar
from urllib.parse import quote

import msgspec

from plumbline_client.calls import JSON, Call, Id, of_model
from plumbline_client.samples import Samples, to_json
from plumbline_client.stream_answers import Alarm, RowsAnswer, StreamState

Answer = TypeVar("Answer")
Time: TypeAlias = float | str  # seconds, or ISO 8601
_ROWS = msgspec.json.Decoder(RowsAnswer)
_ALARM = msgspec.json.Decoder(Alarm)
_STATE = msgspec.json.Decoder(StreamState)


class Send(Protocol):
    """Makes a call, and waits for its answer."""

    def __call__(self, call: Call[Answer], /) -> Answer: ...


class SendAsync(Protocol):
    """Makes a call, and lets its answer be awaited."""

    def __call__(self, call: Call[Answer], /) -> Awaitable[Answer]: ...


class Stream:
    """One stream of a service; its first rows begin it.

    Rows that came twice would count twice, so ``judge`` is not tried again where rows may have come: ``NoAnswerError`` then has
    ``was_sent``, and ``state`` tells what has come.
    """

    def __init__(self, calls: "StreamCalls", send: Send) -> None:
        self._calls, self._send = calls, send

    def judge(
        self, rows: Samples, *, times: Sequence[Time] | None = None, ids: Sequence[Id] | None = None
    ) -> RowsAnswer:
        """Take the next rows, oldest first: a verdict on each, and where the alarm stands after them."""
        return self._send(self._calls.judge(rows, times, ids))

    def state(self) -> StreamState:
        """Tell what is kept of the stream, and where its alarm stands."""
        return self._send(self._calls.state())

    def acknowledge(self) -> Alarm:
        """Say that an operator has seen the alarm; without one, nothing changes."""
        return self._send(self._calls.act("acknowledge"))

    def shelve(self, minutes: float, reason: str) -> Alarm:
        """Have nothing annunciated for so long."""
        return self._send(self._calls.shelve(minutes, reason))

    def unshelve(self) -> Alarm:
        """Have alarms annunciated again, what is active at once."""
        return self._send(self._calls.act("unshelve"))

    def forget(self) -> None:
        """Forget the stream and its alarm; the next rows begin it anew."""
        self._send(self._calls.forget())


class AsyncStream:
    """``Stream`` for asyncio."""

    def __init__(self, calls: "StreamCalls", send: SendAsync) -> None:
        self._calls, self._send = calls, send

    async def judge(
        self, rows: Samples, *, times: Sequence[Time] | None = None, ids: Sequence[Id] | None = None
    ) -> RowsAnswer:
        """Take the next rows, oldest first; see ``Stream.judge``."""
        return await self._send(self._calls.judge(rows, times, ids))

    async def state(self) -> StreamState:
        """Tell what is kept of the stream, and where its alarm stands."""
        return await self._send(self._calls.state())

    async def acknowledge(self) -> Alarm:
        """Say that an operator has seen the alarm; without one, nothing changes."""
        return await self._send(self._calls.act("acknowledge"))

    async def shelve(self, minutes: float, reason: str) -> Alarm:
        """Have nothing annunciated for so long."""
        return await self._send(self._calls.shelve(minutes, reason))

    async def unshelve(self) -> Alarm:
        """Have alarms annunciated again, what is active at once."""
        return await self._send(self._calls.act("unshelve"))

    async def forget(self) -> None:
        """Forget the stream and its alarm; the next rows begin it anew."""
        await self._send(self._calls.forget())


class StreamCalls:
    """The calls about one stream, as values."""

    def __init__(self, name: str, model: str | None) -> None:
        self._path = of_model(model, f"/streams/{quote(name, safe='')}")

    def judge(self, rows: Samples, times: Sequence[Time] | None, ids: Sequence[Id] | None) -> Call[RowsAnswer]:
        body: dict[str, Any] = {"rows": rows}
        if times is not None:
            body["times"] = times
        if ids is not None:
            body["ids"] = ids
        # Rows that came twice would be two rows, so they are sent again only where they cannot have come.
        return Call("POST", f"{self._path}/rows", _ROWS.decode, to_json(body), JSON, is_repeatable=False)

    def state(self) -> Call[StreamState]:
        return Call("GET", self._path, _STATE.decode)

    def act(self, what: Literal["acknowledge", "unshelve"]) -> Call[Alarm]:
        return Call("POST", f"{self._path}/{what}", _ALARM.decode)

    def shelve(self, minutes: float, reason: str) -> Call[Alarm]:
        body = to_json({"minutes": minutes, "reason": reason})
        return Call("POST", f"{self._path}/shelve", _ALARM.decode, body, JSON)

    def forget(self) -> Call[None]:
        return Call("DELETE", self._path, lambda _: None, is_repeatable=False)
