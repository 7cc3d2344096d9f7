"""From a bundle's directory to a model at work: verified, tried out on its golden samples, warm."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from model.bundle import Bundle, digest_of, read_bundle, read_manifest, read_raw_manifest
from model.errors import BundleManifestError
from model.generator import Generator
from model.inference import Provider
from model.manifest import Manifest
from model.scorer import Scorer
from model.signing.check import check_signature, read_signature
from service.registry.memory import ModelMemory
from service.registry.models import ServedModel
from service.registry.slot import Loaded

if TYPE_CHECKING:  # cryptography: not where no signature is asked for
    from model.signing.trusted_keys import TrustedKeys


@dataclass(frozen=True)
class Loader:
    """Loads versions to run on ``provider``, signed by a ``trusted`` key if any are given, within the bound of ``memory``."""

    provider: Provider
    trusted: "TrustedKeys | None" = None
    memory: ModelMemory = field(default_factory=ModelMemory)

    def peek(self, path: Path) -> tuple[Manifest, str]:
        """Read the manifest of the version in ``path`` and its digest, and nothing else but its signature.

        Raises:
            BundleError, OSError: as ``load`` does.
        """
        raw = read_raw_manifest(path)
        check_signature(path, raw, read_signature(path), self.trusted)
        return read_manifest(path, raw), digest_of(raw)

    def load(self, place: Callable[[], Path]) -> ServedModel:
        """Load the version in the directory that ``place`` gives, laid out as ``NAME/VERSION/``; asked again when it made room.

        Raises:
            BundleError: it cannot be trusted, or is another version than its place says.
            OSError: the disk or its permissions do not let it be read.
        """
        path = place()
        bundle, loaded = self._read(path)
        slot = self.memory.hold(bundle.manifest, loaded, path, partial(self._read_again, place, bundle.digest))
        return ServedModel(bundle.manifest, bundle.digest, loaded.scorer.provider, slot, signed_by=bundle.signed_by)

    def _read(self, path: Path) -> tuple[Bundle, Loaded]:
        bundle = read_bundle(path, self.trusted)
        found = f"{bundle.manifest.name}/{bundle.manifest.version}"
        if found != f"{path.parent.name}/{path.name}":
            raise BundleManifestError(f"the manifest is that of {found}, found in {path.parent.name}/{path.name}")
        scorer = Scorer(bundle, self.provider)
        scorer.check_golden()
        scorer.warm_up()
        generator = None if bundle.encoder is None else Generator(bundle, scorer.provider)
        return bundle, Loaded(scorer, generator.encoder if generator else None, generator)

    def _read_again(self, place: Callable[[], Path], digest: str) -> Loaded:
        """Load what was checked before, and nothing else that may be in its place by now."""
        path = place()
        bundle, loaded = self._read(path)
        if bundle.digest != digest:
            raise BundleManifestError(f"{path}: holds another bundle by now, of digest {bundle.digest}, not {digest}")
        return loaded
