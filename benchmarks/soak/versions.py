"""A models directory in which a new version of one bundle comes every now and then, and old ones go."""

import json
import shutil
from pathlib import Path

KEPT = 2


class Versions:
    """Versions of ``bundle`` below ``models/NAME``; the first is there at once."""

    def __init__(self, bundle: Path, models: Path) -> None:
        self._bundle = bundle
        self.name: str = json.loads((bundle / "manifest.json").read_text("utf-8"))["name"]
        self._folder = models / self.name
        self._folder.mkdir(parents=True)
        self.last = 0
        self.publish()

    def publish(self) -> None:
        """Add a version as a careful writer does, elsewhere and then renamed, and take the oldest away."""
        self.last += 1
        incoming = self._folder / ".incoming"
        shutil.copytree(self._bundle, incoming, ignore=shutil.ignore_patterns("manifest.sig"))
        manifest = incoming / "manifest.json"
        manifest.write_text(json.dumps(json.loads(manifest.read_text("utf-8")) | {"version": self.last}), "utf-8")
        incoming.rename(self._folder / str(self.last))
        old = self._folder / str(self.last - KEPT)
        if old.exists():
            shutil.rmtree(old)
