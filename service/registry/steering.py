"""What operators decide about versions: which one is held, going back, and which one scores in silence."""

from model.errors import InputError
from service.errors import (
    NoEarlierVersionError,
    NotReadyError,
    StateUnavailableError,
    UnknownVersionError,
    VersionRefusedError,
)
from service.registry.lineage import Candidate, Lineage
from service.registry.registry import Registry
from service.shadow.comparison import check_comparable


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
    versions = _versions_with(registry, name, version)
    with lineage.lock:
        _hold(registry, lineage, versions, version)


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
        _catch_up(registry, lineage, versions)
        refused = []
        for version in lineage.earlier(versions, registry.decisions.served(name)):
            try:
                _hold(registry, lineage, versions, version)
            except VersionRefusedError as error:
                refused.append(str(error))
            else:
                return
    raise NoEarlierVersionError(
        f"model '{name}' has no version to go back to" + (f"; {'; '.join(refused)}" if refused else "")
    )


def begin_shadow(registry: Registry, name: str, version: int) -> None:
    """Have ``version`` score beside the one that serves, in silence, and pin that one, so that none takes over by itself.

    Raises:
        UnknownModelError: there is no such name.
        UnknownVersionError: the model has no such version.
        VersionRefusedError: it failed its checks.
        NotComparableError: it is the version that serves, or judges other samples.
        StateUnavailableError: it cannot be written down.
        NotReadyError: the models cannot be read now, or no version serves.
    """
    lineage = registry.lineage(name)
    versions = _versions_with(registry, name, version)
    with lineage.lock:
        _catch_up(registry, lineage, versions)
        served = registry.models.get(name)
        candidate = _candidate(lineage, version)
        check_comparable(served.manifest, candidate.model.manifest)
        pinned = registry.decisions.of(name).pinned
        registry.decisions.decide(name, shadow=version, pinned=pinned or served.version)
        lineage.shade(candidate)
        registry.follow(lineage, versions)


def end_shadow(registry: Registry, name: str) -> None:
    """Have nothing score beside the version that serves. A pin stays.

    Raises:
        UnknownModelError: there is no such name.
        StateUnavailableError: it cannot be written down.
    """
    lineage = registry.lineage(name)
    with lineage.lock:
        registry.decisions.decide(name, shadow=None)
        lineage.shade(None)
        registry.show(lineage)


def _catch_up(registry: Registry, lineage: Lineage, versions: tuple[int, ...]) -> None:
    """Follow what was decided elsewhere, so that what is decided here comes after it."""
    try:
        registry.decisions.read()
    except InputError as error:
        raise StateUnavailableError(f"decisions about versions cannot be read: {error}") from error
    registry.follow(lineage, versions)


def _hold(registry: Registry, lineage: Lineage, versions: tuple[int, ...], version: int) -> None:
    candidate = _candidate(lineage, version)  # first: what is bad is not to be pinned
    shadow = registry.decisions.of(lineage.name).shadow
    registry.decisions.decide(lineage.name, pinned=version, shadow=None if shadow == version else shadow)
    lineage.take(candidate)
    registry.follow(lineage, versions)


def _candidate(lineage: Lineage, version: int) -> Candidate:
    try:
        return lineage.candidate(version)
    except OSError as error:
        raise NotReadyError(
            f"version {version} of model '{lineage.name}' cannot be read at the moment: {error}"
        ) from error


def _versions_with(registry: Registry, name: str, version: int) -> tuple[int, ...]:
    versions = registry.versions(name)
    if version not in versions:
        raise UnknownVersionError(
            f"model '{name}' has no version {version}; there are {', '.join(str(there) for there in versions) or 'none'}",
            {"versions": [*versions]},
        )
    return versions
