"""From a bundle's directory to a model at work: verified, tried out on its golden samples, warm."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from model.bundle import digest_of, read_bundle, read_manifest, read_raw_manifest
from model.errors import BundleManifestError
from model.generator import Generator
from model.inference import Provider
from model.manifest import Manifest
from model.scorer import Scorer
from model.signing.check import check_signature, read_signature
from service.registry.models import ServedModel

if TYPE_CHECKING:  # cryptography: not where no signature is asked for
    from model.signing.trusted_keys import TrustedKeys


@dataclass(frozen=True)
class Loader:
    """Loads versions to run on ``provider``, signed by a ``trusted`` key if any are given."""

    provider: Provider
    trusted: "TrustedKeys | None" = None

    def peek(self, path: Path) -> tuple[Manifest, str]:
        """Read the manifest of the version in ``path`` and its digest, and nothing else but its signature.

        Raises:
            BundleError, OSError: as ``load`` does.
        """
        raw = read_raw_manifest(path)
        check_signature(path, raw, read_signature(path), self.trusted)
        return read_manifest(path, raw), digest_of(raw)

    def load(self, path: Path) -> ServedModel:
        """Load the version in directory ``path``, laid out as ``NAME/VERSION/``.

        Raises:
            BundleError: it cannot be trusted, or is another version than its place says.
            OSError: the disk or its permissions do not let it be read.
        """
        bundle = read_bundle(path, self.trusted)
        found = f"{bundle.manifest.name}/{bundle.manifest.version}"
        if found != f"{path.parent.name}/{path.name}":
            raise BundleManifestError(f"the manifest is that of {found}, found in {path.parent.name}/{path.name}")
        scorer = Scorer(bundle, self.provider)
        scorer.check_golden()
        scorer.warm_up()
        generator = None if bundle.encoder is None else Generator(bundle, scorer.provider)
        encoder = generator.encoder if generator else None
        return ServedModel(bundle.manifest, bundle.digest, scorer, encoder, generator, signed_by=bundle.signed_by)
