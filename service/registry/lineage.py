"""The versions under one name: which serves, which were refused, which to go back to."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from threading import RLock

from model.errors import BundleError
from service.errors import NotComparableError, VersionRefusedError
from service.registry.decisions import Decision
from service.registry.journal import Journal
from service.registry.loading import Loader
from service.registry.models import NamedModel, RefusedVersion, ServedModel
from service.registry.root import ModelRoot
from service.shadow.comparison import check_comparable

# Looks at the root in a row that must miss a version before it counts as gone: a network file system may lose sight of one.
GONE_AFTER = 2


@dataclass(frozen=True)
class Candidate:
    """A version that passed its checks, and the stamp of its manifest when it was read."""

    model: ServedModel
    stamp: Hashable


@dataclass(frozen=True)
class Refusal:
    """Why a version was refused, and the stamp of its files then: it is not read again until they change."""

    reason: str
    stamp: Hashable


class Lineage:
    """One name's versions. What serves is replaced as a whole, by what was loaded and tried out beside it."""

    def __init__(
        self,
        name: str,
        root: ModelRoot,
        loader: Loader,
        journal: Journal,
        *,
        is_awaited: bool,
    ) -> None:
        self.name = name
        self.lock = RLock()  # held while a version is loaded, so that none is loaded twice
        self._root, self._loader, self._journal = root, loader, journal
        self._is_awaited = is_awaited
        self._served: Candidate | None = None
        self._shadow: Candidate | None = None
        self._refused: dict[int, Refusal] = {}
        self._missed = 0

    @property
    def served(self) -> ServedModel | None:
        return self._served.model if self._served else None

    @property
    def refused(self) -> Mapping[int, str]:
        """Why versions were refused, the highest first."""
        return {version: self._refused[version].reason for version in sorted(self._refused, reverse=True)}

    def named(self, decision: Decision) -> NamedModel:
        """Give what requests and people are shown."""
        served = self.served
        refused = [
            RefusedVersion(version, reason)
            for version, reason in self.refused.items()
            if served is None or version >= served.version or version == decision.pinned
        ]
        shadow = None if served is not None and decision.shadow == served.version else decision.shadow
        return NamedModel(self.name, served, tuple(refused), decision.pinned, shadow, is_awaited=self._is_awaited)

    def follow(self, versions: Sequence[int], decision: Decision) -> None:
        """Serve the best of ``versions``, the highest first; where none is better, what serves goes on.

        Raises:
            OSError: a version cannot be read at the moment.
        """
        with self.lock:
            there = self._with_served(versions)
            self._refused = {version: refusal for version, refusal in self._refused.items() if version in there}
            for version in to_try(there, decision.pinned, self.served.version if self.served else None):
                try:
                    self.take(self.candidate(version))
                except VersionRefusedError:
                    continue
                break
            self._follow_shadow(there, decision.shadow)

    def candidate(self, version: int) -> Candidate:
        """Give a version ready to serve; load it beside what is at work, unless it is.

        Raises:
            VersionRefusedError: it failed its checks.
            OSError: it cannot be read at the moment.
        """
        stamp = self._root.manifest_stamp(self.name, version)
        for loaded in (self._served, self._shadow):
            if loaded is not None and version == loaded.model.version and stamp in (loaded.stamp, None):
                return loaded
        files = self._root.files_stamp(self.name, version)
        known = self._refused.get(version)
        if known is not None and known.stamp == files:
            raise self._refusal(version, known.reason)
        try:
            model = self._loader.load(partial(self._root.place, self.name, version))
        except BundleError as error:
            self._refused[version] = Refusal(str(error), files)
            self._journal.refused(self.name, version, str(error))
            raise self._refusal(version, str(error)) from error
        self._refused.pop(version, None)
        return Candidate(model, stamp)

    def take(self, candidate: Candidate) -> None:
        """Serve ``candidate`` from now on; the same bundle read again replaces nothing."""
        before = self._served
        if before is not None and before.model.digest == candidate.model.digest:
            self._served = Candidate(before.model, candidate.stamp)
            return
        if before is not None and before.model.shadow is not None:
            before.model.shadow.close()
        self._served, self._is_awaited = candidate, True
        self._journal.served(candidate.model, before.model if before else None)

    def shade(self, candidate: Candidate | None) -> None:
        """Have ``candidate`` score beside the version that serves from now on, or nothing.

        Raises:
            NotComparableError: it takes other samples than the version that serves, or is that one.
        """
        if self._served is None:
            return
        served = self._served.model
        if candidate is not None:
            check_comparable(served.manifest, candidate.model.manifest)
        self._shadow = candidate
        digest = candidate.model.digest if candidate else None
        if digest == (served.shadow.candidate.digest if served.shadow else None):
            return
        if served.shadow is not None:
            served.shadow.close()
        shadow = None if candidate is None else self._journal.shadow(served.manifest, candidate.model)
        self._served = Candidate(replace(served, shadow=shadow), self._served.stamp)

    def close(self) -> None:
        """Let go of what works in the background."""
        with self.lock:
            self.shade(None)

    def earlier(self, versions: Sequence[int], served: Sequence[int]) -> list[int]:
        """List those of ``versions`` to go back to: those that ``served`` before, the last first, then the others, the highest first.

        All are lower than what serves, so that going back twice goes back further.
        """
        below = [version for version in versions if self.served is None or version < self.served.version]
        served_before = [version for version in reversed(served) if version in below]
        return list(dict.fromkeys([*served_before, *below]))

    def _follow_shadow(self, versions: Sequence[int], wanted: int | None) -> None:
        is_there = wanted in versions and self.served is not None and wanted != self.served.version
        try:
            self.shade(self.candidate(wanted) if wanted is not None and is_there else None)
        except (VersionRefusedError, NotComparableError) as error:
            self.shade(None)
            self._journal.unshaded(self.name, str(error))

    def _refusal(self, version: int, reason: str) -> VersionRefusedError:
        return VersionRefusedError(f"version {version} of model '{self.name}' is refused: {reason}")

    def _with_served(self, versions: Sequence[int]) -> Sequence[int]:
        """Add the version that serves, until it has been missed for long enough."""
        if self.served is None or self.served.version in versions:
            self._missed = 0
            return versions
        self._missed += 1
        return versions if self._missed >= GONE_AFTER else sorted([*versions, self.served.version], reverse=True)


def to_try(versions: Sequence[int], pinned: int | None, served: int | None) -> list[int]:
    """Say which of ``versions``, the highest first, to try in turn until one is good; if none is, what serves goes on.

    A pin holds its version and never lets a higher one by. Where it cannot be had and nothing serves yet, a lower one has to do.
    """
    if served is None or served not in versions:
        return [version for version in versions if pinned is None or version <= pinned]
    if pinned is not None:
        return [version for version in versions if version == pinned]
    return [version for version in versions if version >= served]
