"""The bundle that is calibrated anew: verified, at work on this machine, its files at hand byte for byte."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pydantic import ValidationError

from model.bundle import CALIBRATION, GOLDEN, MANIFEST, REPORT, Bundle, read_bundle
from model.bundle_files import read_verified
from model.bundle_writer import next_version
from model.errors import InputError
from model.features import FeatureSpec
from model.manifest import Manifest
from model.raw_scorer import RawScorer
from model.scorer import Scorer
from model.signing.trusted_keys import TrustedKeys
from training.config import DataConfig

FIRST_REPORT, TRAINING_REPORT = "report/index.html", "report/training.html"


@dataclass(frozen=True)
class ParentBundle:
    """A bundle and what a new version of it takes over: ``files`` holds all but calibration, golden samples and reports."""

    path: Path
    bundle: Bundle
    raw: RawScorer
    files: dict[str, bytes]
    training_report: bytes | None

    @property
    def manifest(self) -> Manifest:
        return self.bundle.manifest

    @property
    def title(self) -> str:
        return f"{self.manifest.name} version {self.manifest.version}"

    @property
    def spec(self) -> FeatureSpec:
        return self.manifest.feature_spec

    @property
    def scores(self) -> NDArray[np.float64]:
        """The calibration scores it holds [n], ascending: their order in time is not kept."""
        return self.bundle.calibration

    @property
    def effective(self) -> int:
        """How many independent samples its scores were worth when they still stood in time order."""
        return self.manifest.threshold.effective_count or self.scores.size

    @property
    def columns(self) -> DataConfig:
        """What training was told of the columns that are no features.

        Raises:
            InputError: the manifest holds no such settings.
        """
        try:
            return DataConfig.model_validate(self.manifest.training.config.get("data", {}))
        except ValidationError as error:
            raise InputError(f"{self.path}: its manifest does not say which columns were features") from error


def open_parent(path: Path, trusted: TrustedKeys | None = None) -> ParentBundle:
    """Read the bundle in directory ``path``, signed by a ``trusted`` key if any are given, and have it answer its golden samples.

    Raises:
        InputError: ``path`` is that of a model with its versions.
        BundleError: it cannot be trusted, or this machine does not reproduce it.
    """
    newest = next_version(path) - 1
    if newest and not (path / MANIFEST).exists():
        raise InputError(f"{path}: expected a bundle, found a model; its newest version is {path / str(newest)}")
    bundle = read_bundle(path, trusted)
    Scorer(bundle).check_golden()
    entries = bundle.manifest.files
    kept = [name for name in entries if name not in (CALIBRATION, GOLDEN) and not name.startswith(REPORT)]
    first = TRAINING_REPORT if TRAINING_REPORT in entries else FIRST_REPORT
    return ParentBundle(
        path=path,
        bundle=bundle,
        raw=RawScorer(bundle.scorer),
        files={name: read_verified(path / name, entries[name]) for name in kept},
        training_report=read_verified(path / first, entries[first]) if first in entries else None,
    )
