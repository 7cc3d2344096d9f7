"""The models at hand, by name: what serves, and what was refused."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from threading import Lock
from types import MappingProxyType
from typing import Any, Self

import orjson
from numpy.typing import NDArray

from model.encoder import Encoder
from model.features import FeatureSpec
from model.generator import Generator
from model.inference import Provider
from model.manifest import Manifest
from model.purifier import Purifier
from model.sample_form import SampleForm
from model.scorer import Scorer, Scores
from service.answers import Answered
from service.errors import NoDefaultModelError, NotReadyError, UnknownModelError
from service.registry.slot import Loaded, Slot
from service.shadow.shadow import Shadow
from service.wording import listed

_NONE: Mapping[int, str] = MappingProxyType({})


@dataclass(frozen=True)
class ServedModel:
    """One version of one model at work; its golden samples got the scores they must get on this machine.

    What it works with is in its ``slot``; where that is empty, whoever scores, explains or encodes waits until it is loaded.
    ``signed_by`` is None where no signature was asked for. A ``shadow`` scores what it scores, in silence.
    """

    manifest: Manifest
    digest: str
    provider: Provider
    slot: Slot
    shadow: Shadow | None = None
    signed_by: str | None = None

    @property
    def name(self) -> str:
        return self.manifest.name

    @property
    def version(self) -> int:
        return self.manifest.version

    @classmethod
    def of(cls, loaded: Loaded) -> Self:
        """Serve what is at hand, and never unload it."""
        scorer = loaded.scorer
        return cls(scorer.manifest, scorer.digest, scorer.provider, Slot(scorer.manifest, loaded, 0, lambda _: loaded))

    @cached_property
    def spec(self) -> FeatureSpec:
        return self.manifest.feature_spec

    @cached_property
    def form(self) -> SampleForm:
        return self.manifest.form

    @property
    def is_loaded(self) -> bool:
        return self.slot.is_loaded

    @property
    def scorer(self) -> Scorer:
        return self.slot.take().scorer

    @property
    def encoder(self) -> Encoder | None:
        """What maps samples to their latents; None where the detector has none."""
        return self.slot.take().encoder

    @property
    def generator(self) -> Generator | None:
        """What draws samples from the latent; None where the detector has none."""
        return self.slot.take().generator

    @property
    def purifier(self) -> Purifier:
        return self.slot.take().purifier

    @cached_property
    def steps(self) -> int | None:
        """The length of the windows that it judges; None where it judges rows or images."""
        return None if self.manifest.window is None else self.manifest.window.length

    @cached_property
    def answer_head(self) -> bytes:
        """What an answer to a score request says between its id and its results, as JSON."""
        said = {"version": self.version, "digest": self.digest, "threshold": self.manifest.threshold.value}
        return b'","model":%b,%b,"results":[' % (orjson.dumps(self.name), orjson.dumps(said)[1:-1])

    def score(self, x: NDArray[Any], unreadable: Mapping[int, str] = _NONE) -> Scores:
        """Score samples as ``Scorer.score`` does, and let the shadow have them; ``x`` must not change afterwards."""
        scores = self.scorer.score(x, unreadable)
        if self.shadow is not None:
            self.shadow.offer(x, unreadable, scores)
        return scores

    def answered(self, request_id: str) -> Answered:
        """Sign an answer."""
        return {"request_id": request_id, "model": self.name, "version": self.version, "digest": self.digest}


@dataclass(frozen=True)
class RefusedVersion:
    """A version that is there but not trusted, and why."""

    version: int
    reason: str


@dataclass(frozen=True)
class NamedModel:
    """What was found under one name: the version served, if any is good, and the higher ones that were refused.

    ``pinned``: the version that an operator holds it at; ``shadow``: the one that is to score beside it. ``is_awaited``: the service is not ready without it. A name that came up while others served, and was never good, is not.
    """

    name: str
    served: ServedModel | None
    refused: tuple[RefusedVersion, ...] = ()
    pinned: int | None = None
    shadow: int | None = None
    is_awaited: bool = True

    @property
    def unserved(self) -> str:
        """Say why no version serves."""
        reasons = "; ".join(f"version {refused.version}: {refused.reason}" for refused in self.refused)
        return f"model '{self.name}' has no version that can be served ({reasons})"


class Models:
    """Every model by its name, as it is now. Names are looked up here and nowhere else: none ever becomes a path.

    What a request was given it keeps to its end, whatever is served by then. Entries are replaced as a whole, so any thread
    may read at any time.
    """

    def __init__(self, named: Mapping[str, NamedModel], default_name: str | None = None) -> None:
        self._default_name = default_name
        self._writing = Lock()
        self.fill(named)

    def __iter__(self) -> Iterator[NamedModel]:
        return iter(self._named.values())

    def fill(self, named: Mapping[str, NamedModel]) -> None:
        """Start with these. Where no default is set and there is one model, that is it, and stays it."""
        self._named = dict(named)
        if self._default_name is None and len(named) == 1:
            self._default_name = next(iter(named))

    def put(self, named: NamedModel) -> None:
        """Show a name as it is now."""
        with self._writing:
            self._named = {**self._named, named.name: named}  # never changed in place: others may be going through it

    def remove(self, name: str) -> None:
        """Show a name no more."""
        with self._writing:
            self._named = {other: named for other, named in self._named.items() if other != name}

    @property
    def default_name(self) -> str | None:
        return self._default_name

    @property
    def faults(self) -> list[str]:
        """Why the service is not ready: one sentence for each name it should serve and has no good version of."""
        return [named.unserved for named in self if named.served is None and named.is_awaited]

    def default(self) -> ServedModel:
        """Give the model meant by a request that names none."""
        if self._default_name is None:
            raise NoDefaultModelError(f"no default model is set; name one of {listed([*self._named])} in the path")
        return self.get(self._default_name)

    def get(self, name: str) -> ServedModel:
        """Give the served version of a model.

        Raises:
            UnknownModelError: there is no such name.
            NotReadyError: there is, but none of its versions is good.
        """
        named = self.named(name)
        if named.served is None:
            raise NotReadyError(named.unserved)
        return named.served

    def named(self, name: str) -> NamedModel:
        """Give what was found under a name.

        Raises:
            UnknownModelError: there is no such name.
        """
        found = self._named.get(name)
        if found is None:
            every = [*self._named]
            raise UnknownModelError(f"no model has this name; there are {listed(every)}", {"models": [*every]})
        return found
