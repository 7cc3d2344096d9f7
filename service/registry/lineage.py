"""The versions under one name: which serves, which were refused, which served before."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from threading import RLock
from typing import TYPE_CHECKING

from model.errors import BundleError
from model.inference import Provider
from service.registry.journal import Journal
from service.registry.loading import load_version
from service.registry.models import NamedModel, RefusedVersion, ServedModel
from service.registry.root import ModelRoot

if TYPE_CHECKING:  # cryptography: not where no signature is asked for
    from model.signing.trusted_keys import TrustedKeys

# Looks at the root in a row that must miss a version before it counts as gone: a network file system may lose sight of one.
GONE_AFTER = 2


@dataclass(frozen=True)
class Refusal:
    """Why a version was refused, and the stamp of its files then: it is not read again until they change."""

    reason: str
    stamp: Hashable


class Lineage:
    """One name's versions. What serves is replaced as a whole, by the version that was loaded and tried out beside it."""

    def __init__(
        self,
        name: str,
        root: ModelRoot,
        provider: Provider,
        journal: Journal,
        trusted: "TrustedKeys | None" = None,
        *,
        is_awaited: bool,
    ) -> None:
        self.name = name
        self.lock = RLock()  # held while a version is loaded, so that none is loaded twice
        self._root, self._provider, self._journal = root, provider, journal
        self._trusted = trusted
        self._is_awaited = is_awaited
        self._served: ServedModel | None = None
        self._stamp: Hashable = None
        self._refused: dict[int, Refusal] = {}
        self._before: list[int] = []
        self._missed = 0

    @property
    def named(self) -> NamedModel:
        """What requests and people are shown."""
        served = self._served
        refused = [RefusedVersion(version, self._refused[version].reason) for version in sorted(self._refused)[::-1]]
        higher = [bad for bad in refused if served is None or bad.version >= served.version]
        return NamedModel(self.name, served, tuple(higher), is_awaited=self._is_awaited)

    def follow(self, versions: Sequence[int], pinned: int | None = None) -> None:
        """Serve the best of ``versions``, the highest first; where none is better, what serves goes on.

        Raises:
            OSError: a version cannot be read at the moment.
        """
        with self.lock:
            there = self._with_served(versions)
            self._refused = {version: refusal for version, refusal in self._refused.items() if version in there}
            served = self._served.version if self._served else None
            for version in to_try(there, pinned, served):
                if self._serve(version):
                    return

    def _with_served(self, versions: Sequence[int]) -> Sequence[int]:
        """Add the version that serves, until it has been missed for long enough."""
        if self._served is None or self._served.version in versions:
            self._missed = 0
            return versions
        self._missed += 1
        return versions if self._missed >= GONE_AFTER else sorted([*versions, self._served.version], reverse=True)

    def _serve(self, version: int) -> bool:
        """Serve ``version`` if it is good, and say whether it serves now."""
        stamp = self._root.manifest_stamp(self.name, version)
        if self._served is not None and version == self._served.version and stamp in (self._stamp, None):
            return True
        files = self._root.files_stamp(self.name, version)
        known = self._refused.get(version)
        if known is not None and known.stamp == files:
            return False
        try:
            model = load_version(self._root.place(self.name, version), self._provider, self._trusted)
        except BundleError as error:
            self._refused[version] = Refusal(str(error), files)
            self._journal.refused(self.name, version, str(error))
            return False
        self._refused.pop(version, None)
        self._stamp = stamp
        if self._served is None or model.digest != self._served.digest:
            self._swap(model)
        return True

    def _swap(self, model: ServedModel) -> None:
        before, self._served = self._served, model
        self._is_awaited = True
        if before is not None:
            if self._before[-1:] == [model.version]:
                self._before.pop()
            else:
                self._before.append(before.version)
        self._journal.served(model, before)


def to_try(versions: Sequence[int], pinned: int | None, served: int | None) -> list[int]:
    """Say which of ``versions``, the highest first, to try in turn until one is good; if none is, what serves goes on.

    A pin holds its version and never lets a higher one by. Where it cannot be had and nothing serves yet, a lower one has to do.
    """
    if served is None or served not in versions:
        return [version for version in versions if pinned is None or version <= pinned]
    if pinned is not None:
        return [version for version in versions if version == pinned]
    return [version for version in versions if version >= served]
