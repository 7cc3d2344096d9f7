"""What becomes of versions, told: a line in the log and a count each."""

import logging

from model.manifest import Manifest
from service.metrics import Metrics
from service.registry.models import ServedModel
from service.shadow.shadow import Shadow

log = logging.getLogger("plumbline.models")


class Journal:
    """Tells the log and Prometheus. Without ``metrics`` nothing is served, only looked at, and nobody is told."""

    def __init__(self, metrics: Metrics | None = None) -> None:
        self._metrics = metrics
        self._unreadable: dict[str, str] = {}
        self._unshaded: dict[str, str] = {}

    def served(self, model: ServedModel, before: ServedModel | None) -> None:
        """Tell of a version that serves from now on, in place of another where there was one."""
        if self._metrics is not None:
            self._metrics.observe_served(model)
            fields = {"model": model.name, "version": model.version, "digest": model.digest}
            replaced = {} if before is None else {"before": before.version}
            log.info("model version served", extra={"fields": fields | replaced})

    def refused(self, name: str, version: int, reason: str) -> None:
        """Tell of a version that failed its checks."""
        if self._metrics is not None:
            self._metrics.observe_refused(name)
            log.error("model version refused", extra={"fields": {"model": name, "version": version, "reason": reason}})

    def unloaded(self, of: Manifest) -> None:
        """Tell of a version that made room for others."""
        if self._metrics is not None:
            self._metrics.observe_unloaded(of.name)
            log.debug("model version unloaded", extra={"fields": {"model": of.name, "version": of.version}})

    def reloaded(self, of: Manifest) -> None:
        """Tell of a version that was asked for and loaded again."""
        self.readable(_again(of))
        if self._metrics is not None:
            self._metrics.observe_reloaded(of.name, is_loaded=True)
            log.debug("model version loaded again", extra={"fields": {"model": of.name, "version": of.version}})

    def not_reloaded(self, of: Manifest, reason: str) -> None:
        """Tell of a version that was asked for and cannot be loaded again."""
        self.unreadable(_again(of), reason)
        if self._metrics is not None:
            self._metrics.observe_reloaded(of.name, is_loaded=False)

    def removed(self, name: str) -> None:
        """Tell of a name that is no more."""
        if self._metrics is not None:
            log.warning("model removed", extra={"fields": {"model": name}})

    def shadow(self, served: Manifest, candidate: ServedModel) -> Shadow | None:
        """Begin to compare a candidate with the version that serves, where there is someone to tell."""
        if self._metrics is None:
            return None
        fields = {"model": served.name, "version": served.version, "candidate": candidate.manifest.version}
        log.info("shadow begins", extra={"fields": fields})
        return Shadow(served, candidate, self._metrics.shadows.counts(served, candidate.manifest))

    def unshaded(self, name: str, reason: str) -> None:
        """Tell of a shadow that cannot be, once for each reason."""
        if self._unshaded.get(name) != reason and self._metrics is not None:
            log.error("shadow refused", extra={"fields": {"model": name, "reason": reason}})
        self._unshaded[name] = reason

    def unreadable(self, place: str, reason: str) -> None:
        """Tell of what cannot be read at the moment, once for each reason; what serves goes on."""
        if self._unreadable.get(place) != reason and self._metrics is not None:
            log.error("models cannot be read", extra={"fields": {"place": place, "reason": reason}})
        self._unreadable[place] = reason

    def readable(self, place: str) -> None:
        """Take note that a place can be read, so that it is told again when it cannot."""
        self._unreadable.pop(place, None)


def _again(of: Manifest) -> str:
    return f"{of.name}/{of.version}"
