"""The client for asyncio: the same calls, awaited."""

import time
import uuid
from collections.abc import AsyncIterator, Iterable, Sequence
from types import TracebackType
from typing import Self, TypeVar, Unpack

import httpx2
from tenacity import AsyncRetrying

from plumbline_client.answers import SampleResult, ScoreAnswer
from plumbline_client.batches import Batches
from plumbline_client.calls import (
    Call,
    EncodedImage,
    Explain,
    HeatMapFormat,
    Id,
    model_call,
    models_call,
    ready_call,
    score_call,
    score_images_call,
)
from plumbline_client.cards import ModelCard, ModelList
from plumbline_client.connection import ConnectionOptions, http_options
from plumbline_client.errors import DeadlineError, NoAnswerError, TooLargeError, UnavailableError
from plumbline_client.exchange import Sending
from plumbline_client.retries import policy
from plumbline_client.samples import Array, Sample, Samples
from plumbline_client.streams import AsyncStream, StreamCalls

Answer = TypeVar("Answer")


class AsyncPlumblineClient:
    """Asks a Plumbline service as ``PlumblineClient`` does, from one event loop."""

    def __init__(
        self, url: str, *, timeout: float = 30.0, retries: int = 5, **reached: Unpack[ConnectionOptions]
    ) -> None:
        self._http = httpx2.AsyncClient(**http_options(url, reached))
        self._url, self._timeout, self._retries = url, timeout, retries

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._url!r})"

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Close all connections."""
        await self._http.aclose()

    async def score(
        self,
        samples: Samples,
        *,
        model: str | None = None,
        ids: Sequence[Id] | None = None,
        explain: Explain = False,
        timeout: float | None = None,
        request_id: str | None = None,
    ) -> ScoreAnswer:
        """Judge samples; see ``PlumblineClient.score``."""
        return await self._send(score_call(samples, model, ids, explain), timeout, request_id)

    async def score_many(
        self,
        samples: Iterable[Sample] | Array,
        *,
        model: str | None = None,
        ids: Iterable[Id] | None = None,
        explain: Explain = False,
        batch: int = 1_000,
        timeout: float | None = None,
    ) -> AsyncIterator[SampleResult]:
        """Judge as many samples as there are, in order; see ``PlumblineClient.score_many``."""
        parts = Batches(samples, ids, batch)
        for part in parts:
            try:
                answer = await self.score(part.samples, model=model, ids=part.ids, explain=explain, timeout=timeout)
            except TooLargeError as error:
                parts.split(part, error)
                continue
            for result in answer.results:
                yield result

    async def score_images(
        self,
        images: Sequence[EncodedImage],
        *,
        model: str | None = None,
        ids: Sequence[str] | None = None,
        heat_map: HeatMapFormat | None = None,
        timeout: float | None = None,
        request_id: str | None = None,
    ) -> ScoreAnswer:
        """Judge images; see ``PlumblineClient.score_images``. Paths are read while the loop waits."""
        return await self._send(score_images_call(images, model, ids, heat_map), timeout, request_id)

    async def models(self) -> ModelList:
        """Tell which models there are, and which version of each is served."""
        return await self._send(models_call())

    async def model(self, name: str) -> ModelCard:
        """Tell what a model takes, in which order, and what is promised of its threshold."""
        return await self._send(model_call(name))

    def stream(self, name: str, model: str | None = None) -> AsyncStream:
        """Give a stream of rows by its name; nothing is asked yet."""
        return AsyncStream(StreamCalls(name, model), self._send)

    async def ready(self, timeout: float = 5.0) -> bool:
        """Whether the service can be reached and says that it is ready; asked once."""
        try:
            await self._send(ready_call(), timeout, retries=0)
        except (NoAnswerError, UnavailableError, DeadlineError):
            return False
        return True

    async def _send(
        self,
        call: Call[Answer],
        timeout: float | None = None,
        request_id: str | None = None,
        retries: int | None = None,
    ) -> Answer:
        seconds = self._timeout if timeout is None else timeout
        sending = Sending(call, uuid.uuid4().hex if request_id is None else request_id, time.monotonic() + seconds)
        attempts = AsyncRetrying(**policy(call, self._retries if retries is None else retries, seconds))
        answer: Answer = await attempts(self._try, sending)
        return answer

    async def _try(self, sending: Sending[Answer]) -> Answer:
        request = sending.request(self._http)
        try:
            response = await self._http.send(request)
        except httpx2.RequestError as error:
            raise sending.no_answer(error) from error
        return sending.read(response)
