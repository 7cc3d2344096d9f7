"""All models of a root: loaded at the start, then followed as versions come and go."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from model.errors import InputError
from model.inference import Provider
from service.registry.journal import Journal
from service.registry.lineage import GONE_AFTER, Lineage
from service.registry.models import Models
from service.registry.root import ModelRoot
from service.wording import listed

if TYPE_CHECKING:  # cryptography: not where no signature is asked for
    from model.signing.trusted_keys import TrustedKeys


class Registry:
    """Keeps ``models`` as the root has them. Thread-safe; everything here may take long, and belongs in a thread."""

    def __init__(
        self,
        root: ModelRoot,
        provider: Provider,
        default_name: str | None = None,
        journal: Journal | None = None,
        trusted: "TrustedKeys | None" = None,
    ) -> None:
        self.models = Models({}, default_name)
        self._root, self._provider = root, provider
        self._journal, self._trusted = journal or Journal(), trusted
        self._lineages: dict[str, Lineage] = {}
        self._missed: dict[str, int] = {}
        self._trouble: dict[str, str] = {}

    def open(self) -> Models:
        """Load the best version of every name.

        Raises:
            InputError: there is no such root, no model that can be served, or no model of the default's name.
            OSError: a version cannot be read.
        """
        found = {name: versions for name, versions in self._root.versions().items() if versions}
        if not found:
            raise InputError(self._root.say_empty())
        for name, versions in found.items():
            self._lineage(name, is_awaited=True).follow(versions)
        named = {name: lineage.named for name, lineage in self._lineages.items()}
        if all(one.served is None for one in named.values()):
            raise InputError(
                f"{self._root}: nothing can be served; {'; '.join(one.unserved for one in named.values())}"
            )
        default_name = self.models.default_name
        if default_name is not None and default_name not in named:
            raise InputError(f"--default-model: {self._root} has {listed([*named])}, found '{default_name}'")
        self.models.fill(named)
        return self.models

    def poll(self) -> None:
        """Look at the root, and serve what is better than what serves."""
        try:
            found = self._root.versions()
        except InputError as error:
            self._tell_trouble(str(self._root), str(error))
            return
        if not any(found.values()):  # a file system that is not mounted, rather than the end of everything
            self._tell_trouble(str(self._root), self._root.say_empty())
            return
        self._trouble.pop(str(self._root), None)
        for name, versions in found.items():
            if versions or name in self._lineages:
                self._follow(name, versions)
        self._remove_gone(found)

    def _follow(self, name: str, versions: tuple[int, ...]) -> None:
        lineage = self._lineage(name, is_awaited=False)
        place = f"{self._root}/{name}"
        try:
            lineage.follow(versions)
            self._trouble.pop(place, None)
        except OSError as error:
            self._tell_trouble(place, str(error))
        self.models.put(lineage.named)

    def _remove_gone(self, found: Mapping[str, tuple[int, ...]]) -> None:
        self._missed = {name: self._missed.get(name, 0) + 1 for name in self._lineages if name not in found}
        for name in [name for name, missed in self._missed.items() if missed >= GONE_AFTER]:
            del self._lineages[name]
            self.models.remove(name)
            self._journal.removed(name)

    def _lineage(self, name: str, *, is_awaited: bool) -> Lineage:
        if name not in self._lineages:
            self._lineages[name] = Lineage(
                name, self._root, self._provider, self._journal, self._trusted, is_awaited=is_awaited
            )
        return self._lineages[name]

    def _tell_trouble(self, place: str, reason: str) -> None:
        """Tell of trouble once, and again only when it has become another."""
        if self._trouble.get(place) != reason:
            self._trouble[place] = reason
            self._journal.unreadable(place, reason)
