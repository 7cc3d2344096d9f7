"""Models without a service, told of and decided about; a service that runs on them follows what is decided."""

from collections.abc import Callable, Mapping
from typing import Any

from model.errors import BundleError, InputError
from service.errors import UnknownModelError
from service.registry.answers import decided_answer, version_list
from service.registry.card import ModelList, ModelSummary
from service.registry.decisions import Decisions
from service.registry.lineage import to_try
from service.registry.loading import Loader
from service.registry.registry import Registry
from service.registry.root import ModelRoot
from service.registry.steering import begin_shadow, end_shadow, pin, roll_back, unpin
from service.wording import listed

Answer = Mapping[str, Any]


class ModelsAtRest:
    """The models of a root. What would serve is what a service that starts now would serve."""

    def __init__(self, root: ModelRoot, decisions: Decisions, loader: Loader) -> None:
        self._root, self._decisions = root, decisions
        self._registry = Registry(root, loader, decisions=decisions)

    def models(self) -> Answer:
        """List the models. Manifests are read and no more: whether a version passes its checks, ``versions`` tells."""
        self._decisions.read()
        found = {name: versions for name, versions in self._root.versions().items() if versions}
        if not found:
            raise InputError(self._root.say_empty())
        summaries = [self._summary(name, versions) for name, versions in found.items()]
        answer: ModelList = {"default": next(iter(found)) if len(found) == 1 else None, "models": summaries}
        return answer

    def versions(self, name: str) -> Answer:
        self._load(name)
        return version_list(
            self._registry.models.named(name), self._registry.lineage(name), self._registry.versions(name)
        )

    def pin(self, name: str, version: int) -> Answer:
        return self._decided(name, lambda: pin(self._registry, name, version))

    def unpin(self, name: str) -> Answer:
        return self._decided(name, lambda: unpin(self._registry, name))

    def roll_back(self, name: str) -> Answer:
        return self._decided(name, lambda: roll_back(self._registry, name))

    def begin_shadow(self, name: str, version: int) -> Answer:
        return self._decided(name, lambda: begin_shadow(self._registry, name, version))

    def end_shadow(self, name: str) -> Answer:
        return self._decided(name, lambda: end_shadow(self._registry, name))

    def shadow(self, name: str) -> Answer:
        raise InputError(f"what a shadow of model '{name}' has found, only a service knows; give its --url")

    def _decided(self, name: str, decide: Callable[[], None]) -> Answer:
        self._load(name)
        decide()
        return decided_answer(self._registry.models.named(name), 0)

    def _load(self, name: str) -> None:
        found = self._root.versions()
        if not found.get(name):
            raise UnknownModelError(f"{self._root} has no model '{name}'; there are {listed([*found])}")
        self._registry.look(name)

    def _summary(self, name: str, versions: tuple[int, ...]) -> ModelSummary:
        pinned = self._decisions.of(name).pinned
        summary: ModelSummary = {
            "name": name,
            "version": None,
            "digest": None,
            "is_loaded": False,
            "pinned": pinned,
            "refused": [],
        }
        for version in to_try(versions, pinned, None):
            try:
                _, digest = self._registry.loader.peek(self._root.place(name, version))
            except BundleError as error:
                summary["refused"].append({"version": version, "reason": str(error)})
            else:
                return {**summary, "version": version, "digest": digest}
        return summary
