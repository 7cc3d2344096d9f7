"""From a bundle's directory to a model at work: verified, tried out on its golden samples, warm."""

from pathlib import Path

from model.bundle import read_bundle
from model.errors import BundleManifestError
from model.generator import Generator
from model.inference import Provider
from model.scorer import Scorer
from service.registry.models import ServedModel


def load_version(path: Path, provider: Provider) -> ServedModel:
    """Load the version in directory ``path``, laid out as ``NAME/VERSION/``.

    Raises:
        BundleError: it cannot be trusted, or is another version than its place says.
        OSError: the disk or its permissions do not let it be read.
    """
    bundle = read_bundle(path)
    found = f"{bundle.manifest.name}/{bundle.manifest.version}"
    if found != f"{path.parent.name}/{path.name}":
        raise BundleManifestError(f"the manifest is that of {found}, found in {path.parent.name}/{path.name}")
    scorer = Scorer(bundle, provider)
    scorer.check_golden()
    scorer.warm_up()
    generator = None if bundle.encoder is None else Generator(bundle, scorer.provider)
    encoder = generator.encoder if generator else None
    return ServedModel(bundle.manifest, bundle.digest, scorer, encoder, generator)
