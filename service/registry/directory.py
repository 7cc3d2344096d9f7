"""The models directory, ``NAME/VERSION/``: of each name, the highest version that passes every check is served."""

from pathlib import Path

from model.bundle import MANIFEST, read_bundle
from model.errors import BundleError, BundleManifestError, InputError
from model.generator import Generator
from model.inference import Provider
from model.scorer import Scorer
from service.registry.models import Models, NamedModel, RefusedVersion, ServedModel
from service.wording import listed


def load_models(directory: Path, provider: Provider, default_name: str | None = None) -> Models:
    """Read, verify and try out the models in ``directory``, laid out as ``NAME/VERSION/``.

    Raises:
        InputError: there is no such directory, no model that can be served, or no model called ``default_name``.
    """
    try:
        entries = [entry for entry in sorted(directory.iterdir()) if _versions(entry)]
    except OSError as error:
        raise InputError(
            f"{error.filename}: expected a directory of models as NAME/VERSION/: {error.strerror}"
        ) from error
    found = {entry.name: _load_highest(entry, provider) for entry in entries}
    if not found:
        _refuse_part(directory)
        raise InputError(f"{directory}: expected at least one model as NAME/VERSION/manifest.json, found none")
    if all(named.served is None for named in found.values()):
        raise InputError(f"{directory}: nothing can be served; {'; '.join(named.unserved for named in found.values())}")
    if default_name is not None and default_name not in found:
        raise InputError(f"--default-model: {directory} has {listed([*found])}, found '{default_name}'")
    return Models(found, default_name)


def _refuse_part(directory: Path) -> None:
    """Say so where ``directory`` is a model or a bundle, and not the directory that holds the models."""
    if (directory / MANIFEST).is_file():
        raise InputError(f"{directory}: this is a bundle; give the directory of models, two above, to serve it")
    if any((directory / str(version) / MANIFEST).is_file() for version in _versions(directory)):
        raise InputError(f"{directory}: this is a model; give the directory above to serve it")


def _versions(entry: Path) -> list[int]:
    if entry.name.startswith(".") or not entry.is_dir():
        return []
    numbers = [version.name for version in entry.iterdir() if version.name.isascii() and version.name.isdecimal()]
    return sorted((int(number) for number in numbers if number == str(int(number))), reverse=True)


def _load_highest(entry: Path, provider: Provider) -> NamedModel:
    refused: list[RefusedVersion] = []
    for version in _versions(entry):
        try:
            return NamedModel(entry.name, _load(entry / str(version), provider), tuple(refused))
        except BundleError as error:
            refused.append(RefusedVersion(version, str(error)))
    return NamedModel(entry.name, None, tuple(refused))


def _load(path: Path, provider: Provider) -> ServedModel:
    bundle = read_bundle(path)
    found = f"{bundle.manifest.name}/{bundle.manifest.version}"
    if found != f"{path.parent.name}/{path.name}":
        raise BundleManifestError(f"the manifest is that of {found}, found in {path.parent.name}/{path.name}")
    scorer = Scorer(bundle, provider)
    scorer.check_golden()
    generator = None if bundle.encoder is None else Generator(bundle, scorer.provider)
    encoder = generator.encoder if generator else None
    return ServedModel(bundle.manifest, bundle.digest, scorer, encoder, generator)
