"""From a bundle's directory to a model at work: verified, tried out on its golden samples, warm."""

from pathlib import Path
from typing import TYPE_CHECKING

from model.bundle import read_bundle
from model.errors import BundleManifestError
from model.generator import Generator
from model.inference import Provider
from model.scorer import Scorer
from service.registry.models import ServedModel

if TYPE_CHECKING:  # cryptography: not where no signature is asked for
    from model.signing.trusted_keys import TrustedKeys


def load_version(path: Path, provider: Provider, trusted: "TrustedKeys | None" = None) -> ServedModel:
    """Load the version in directory ``path``, laid out as ``NAME/VERSION/``, signed by a ``trusted`` key if any are given.

    Raises:
        BundleError: it cannot be trusted, or is another version than its place says.
        OSError: the disk or its permissions do not let it be read.
    """
    bundle = read_bundle(path, trusted)
    found = f"{bundle.manifest.name}/{bundle.manifest.version}"
    if found != f"{path.parent.name}/{path.name}":
        raise BundleManifestError(f"the manifest is that of {found}, found in {path.parent.name}/{path.name}")
    scorer = Scorer(bundle, provider)
    scorer.check_golden()
    scorer.warm_up()
    generator = None if bundle.encoder is None else Generator(bundle, scorer.provider)
    encoder = generator.encoder if generator else None
    return ServedModel(bundle.manifest, bundle.digest, scorer, encoder, generator)
