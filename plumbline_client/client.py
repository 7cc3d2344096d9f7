"""The client: one method for each thing to ask, and calls that come through where another try helps."""

import time
import uuid
from collections.abc import Iterable, Iterator, Sequence
from types import TracebackType
from typing import Self, TypeVar, Unpack

import httpx2
from tenacity import Retrying

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
from plumbline_client.streams import Stream, StreamCalls

Answer = TypeVar("Answer")


class PlumblineClient:
    """Asks a Plumbline service. May be shared between threads; keeps connections open until it is closed.

    A call that is refused for now (429, 503), or gets no answer, is made again up to ``retries`` times, after
    growing, random waits and no sooner than the service asks for: scoring changes nothing there, so twice is as good as
    once. ``timeout`` is the time in seconds that a call may take with everything; the service drops what it has not
    done by then. What else can be said of the connection, ``ConnectionOptions`` says.

    Every method raises a ``PlumblineError``; what cannot be an address or a key is a ``ValueError``.
    """

    def __init__(
        self, url: str, *, timeout: float = 30.0, retries: int = 5, **reached: Unpack[ConnectionOptions]
    ) -> None:
        self._http = httpx2.Client(**http_options(url, reached))
        self._url, self._timeout, self._retries = url, timeout, retries

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._url!r})"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close all connections."""
        self._http.close()

    def score(
        self,
        samples: Samples,
        *,
        model: str | None = None,
        ids: Sequence[Id] | None = None,
        explain: Explain = False,
        timeout: float | None = None,
        request_id: str | None = None,
    ) -> ScoreAnswer:
        """Judge samples: rows or windows as lists in feature order, as objects by feature name, or as an array.

        ``model`` None means the service's default. ``explain`` adds what each feature contributes, ``"full"`` what each
        suspected sensor should have read as well.
        """
        return self._send(score_call(samples, model, ids, explain), timeout, request_id)

    def score_many(
        self,
        samples: Iterable[Sample] | Array,
        *,
        model: str | None = None,
        ids: Iterable[Id] | None = None,
        explain: Explain = False,
        batch: int = 1_000,
        timeout: float | None = None,
    ) -> Iterator[SampleResult]:
        """Judge as many samples as there are, ``batch`` of them in a request, and give their results in order.

        Samples are taken from the iterable as they are needed. Batches that are too large for the service are split. ``timeout``
        is for each request. What was given stays given where a later request fails.
        """
        parts = Batches(samples, ids, batch)
        for part in parts:
            try:
                answer = self.score(part.samples, model=model, ids=part.ids, explain=explain, timeout=timeout)
            except TooLargeError as error:
                parts.split(part, error)
                continue
            yield from answer.results

    def score_images(
        self,
        images: Sequence[EncodedImage],
        *,
        model: str | None = None,
        ids: Sequence[str] | None = None,
        heat_map: HeatMapFormat | None = None,
        timeout: float | None = None,
        request_id: str | None = None,
    ) -> ScoreAnswer:
        """Judge images: the bytes of PNG, JPEG, BMP or TIFF files, or their paths.

        Without ``ids``, an image is called by its file's name, or by its place among the images. ``heat_map`` adds where
        each stands out, drawn over it (``"png"``) or as numbers (``"array"``).
        """
        return self._send(score_images_call(images, model, ids, heat_map), timeout, request_id)

    def models(self) -> ModelList:
        """Tell which models there are, and which version of each is served."""
        return self._send(models_call())

    def model(self, name: str) -> ModelCard:
        """Tell what a model takes, in which order, and what is promised of its threshold."""
        return self._send(model_call(name))

    def stream(self, name: str, model: str | None = None) -> Stream:
        """Give a stream of rows by its name; nothing is asked yet."""
        return Stream(StreamCalls(name, model), self._send)

    def ready(self, timeout: float = 5.0) -> bool:
        """Whether the service can be reached and says that it is ready; asked once."""
        try:
            self._send(ready_call(), timeout, retries=0)
        except (NoAnswerError, UnavailableError, DeadlineError):
            return False
        return True

    def _send(
        self,
        call: Call[Answer],
        timeout: float | None = None,
        request_id: str | None = None,
        retries: int | None = None,
    ) -> Answer:
        seconds = self._timeout if timeout is None else timeout
        sending = Sending(call, uuid.uuid4().hex if request_id is None else request_id, time.monotonic() + seconds)
        attempts = Retrying(**policy(call, self._retries if retries is None else retries, seconds))
        answer: Answer = attempts(self._try, sending)
        return answer

    def _try(self, sending: Sending[Answer]) -> Answer:
        request = sending.request(self._http)
        try:
            response = self._http.send(request)
        except httpx2.RequestError as error:
            raise sending.no_answer(error) from error
        return sending.read(response)
