"""What operators decide about versions: which one is held, and going back."""

from service.errors import NoEarlierVersionError, NotReadyError, UnknownVersionError, VersionRefusedError
from service.registry.lineage import Lineage
from service.registry.registry import Registry


def pin(registry: Registry, name: str, version: int) -> None:
    """Serve ``version``, and go on doing so whatever comes.

    Raises:
        UnknownModelError: there is no such name.
        UnknownVersionError: the model has no such version.
        VersionRefusedError: it failed its checks; what serves goes on.
        StateUnavailableError: it cannot be written down; what serves goes on.
        NotReadyError: the models cannot be read now.
    """
    lineage = registry.lineage(name)
    versions = registry.versions(name)
    if version not in versions:
        raise UnknownVersionError(
            f"model '{name}' has no version {version}; there are {', '.join(str(there) for there in versions) or 'none'}",
            {"versions": [*versions]},
        )
    with lineage.lock:
        _hold(registry, lineage, version)


def unpin(registry: Registry, name: str) -> None:
    """Serve the highest good version again, whichever that comes to be.

    Raises:
        UnknownModelError: there is no such name.
        StateUnavailableError: it cannot be written down; the pin holds.
        NotReadyError: the models cannot be read now.
    """
    lineage = registry.lineage(name)
    versions = registry.versions(name)
    with lineage.lock:
        registry.decisions.decide(name, pinned=None)
        registry.follow(lineage, versions)


def roll_back(registry: Registry, name: str) -> None:
    """Serve the version that served before, else the next lower one that is good, and pin it.

    Raises:
        UnknownModelError: there is no such name.
        NoEarlierVersionError: there is none, or none that passes its checks; what serves goes on.
        StateUnavailableError: it cannot be written down; what serves goes on.
        NotReadyError: the models cannot be read now.
    """
    lineage = registry.lineage(name)
    versions = registry.versions(name)
    with lineage.lock:
        refused = []
        for version in lineage.earlier(versions):
            try:
                _hold(registry, lineage, version)
            except VersionRefusedError as error:
                refused.append(str(error))
            else:
                return
    raise NoEarlierVersionError(
        f"model '{name}' has no version to go back to" + (f"; {'; '.join(refused)}" if refused else "")
    )


def _hold(registry: Registry, lineage: Lineage, version: int) -> None:
    try:
        candidate = lineage.candidate(version)  # first: what is bad is not to be pinned
    except OSError as error:
        raise NotReadyError(
            f"version {version} of model '{lineage.name}' cannot be read at the moment: {error}"
        ) from error
    registry.decisions.decide(lineage.name, pinned=version)
    lineage.take(candidate)
    registry.show(lineage)
