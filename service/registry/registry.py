"""All models of a root: loaded at the start, then followed as versions come and go and operators decide."""

from collections.abc import Mapping
from threading import Lock

from model.errors import InputError
from service.errors import NotReadyError
from service.registry.decisions import Decisions
from service.registry.journal import Journal
from service.registry.lineage import GONE_AFTER, Lineage
from service.registry.loading import Loader
from service.registry.models import Models
from service.registry.root import ModelRoot
from service.wording import listed


class Registry:
    """Keeps ``models`` as the root has them and operators decided.

    Thread-safe. Whatever is asked here may take as long as a load, and belongs in a thread.
    """

    def __init__(
        self,
        root: ModelRoot,
        loader: Loader,
        default_name: str | None = None,
        decisions: Decisions | None = None,
        journal: Journal | None = None,
    ) -> None:
        self.models = Models({}, default_name)
        self.decisions = decisions or Decisions()
        self.loader = loader
        self._root = root
        self._journal = journal or Journal()
        self._lineages: dict[str, Lineage] = {}
        self._missed: dict[str, int] = {}
        self._noted: dict[str, int] = {}  # by name, the version that was last noted to serve
        self._turn = Lock()  # one poll at a time

    def open(self) -> Models:
        """Load the best version of every name.

        Raises:
            InputError: there is no such root, no model that can be served, or no model of the default's name; or what
                operators decided cannot be read.
            OSError: a version cannot be read.
        """
        self.decisions.read()
        found = {name: versions for name, versions in self._root.versions().items() if versions}
        if not found:
            raise InputError(self._root.say_empty())
        for name, versions in found.items():
            self._lineages[name] = self._begin(name, is_awaited=True)
            self._lineages[name].follow(versions, self.decisions.of(name))
            self._note_served(self._lineages[name])
        named = {name: lineage.named(self.decisions.of(name)) for name, lineage in self._lineages.items()}
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
        """Look at the root and at what was decided, and serve what is to be served now."""
        with self._turn:
            try:
                self.decisions.read()
                self._journal.readable("decisions")
            except InputError as error:
                self._journal.unreadable("decisions", str(error))
            try:
                found = self._root.versions()
            except InputError as error:
                self._journal.unreadable("root", str(error))
                return
            if not any(found.values()):  # a file system that is not mounted, rather than the end of everything
                self._journal.unreadable("root", self._root.say_empty())
                return
            self._journal.readable("root")
            for name, versions in found.items():
                if versions and name not in self._lineages:
                    self._lineages[name] = self._begin(name, is_awaited=False)
                if name in self._lineages:
                    self.follow(self._lineages[name], versions)
            self._remove_gone(found)

    def close(self) -> None:
        """Let go of what works in the background. What serves goes on."""
        for lineage in [*self._lineages.values()]:
            lineage.close()

    def look(self, name: str) -> None:
        """Load the best version of one name, for who asks about no other.

        Raises:
            InputError: the root cannot be listed, or what operators decided cannot be read.
            OSError: a version cannot be read.
        """
        self.decisions.read()
        lineage = self._lineages.setdefault(name, self._begin(name, is_awaited=True))
        lineage.follow(self._root.versions().get(name, ()), self.decisions.of(name))
        self.show(lineage)

    def lineage(self, name: str) -> Lineage:
        """Give what is known of a model's versions.

        Raises:
            UnknownModelError: there is no such name.
        """
        self.models.named(name)
        return self._lineages[name]

    def versions(self, name: str) -> tuple[int, ...]:
        """List the versions that there are of a model, the highest first.

        Raises:
            NotReadyError: the root cannot be listed now.
        """
        try:
            return self._root.versions().get(name, ())
        except InputError as error:
            raise NotReadyError(f"versions cannot be listed at the moment: {error}") from error

    def show(self, lineage: Lineage) -> None:
        """Have requests served by what ``lineage`` serves now; for who holds its lock."""
        self.models.put(lineage.named(self.decisions.of(lineage.name)))

    def _begin(self, name: str, *, is_awaited: bool) -> Lineage:
        return Lineage(name, self._root, self.loader, self._journal, is_awaited=is_awaited)

    def follow(self, lineage: Lineage, versions: tuple[int, ...]) -> None:
        """Serve the best of ``versions`` that the decisions allow."""
        with lineage.lock:  # what was decided until here counts
            try:
                lineage.follow(versions, self.decisions.of(lineage.name))
                self._journal.readable(lineage.name)
            except OSError as error:
                self._journal.unreadable(lineage.name, str(error))
            self._note_served(lineage)
            self.show(lineage)

    def _note_served(self, lineage: Lineage) -> None:
        """Note what serves where it is another than before: a worker that is late must not undo what others noted."""
        served = lineage.served
        if served is not None and self._noted.get(lineage.name) != served.version:
            self._noted[lineage.name] = served.version
            self.decisions.note_served(lineage.name, served.version)

    def _remove_gone(self, found: Mapping[str, tuple[int, ...]]) -> None:
        self._missed = {name: self._missed.get(name, 0) + 1 for name in self._lineages if name not in found}
        for name in [name for name, missed in self._missed.items() if missed >= GONE_AFTER]:
            self.models.remove(name)
            self._lineages.pop(name).close()
            self._journal.removed(name)
