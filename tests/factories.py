"""Small real things for tests: a detector with drawn weights, exported, calibrated and bundled in about two seconds."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from model.bundle import calibration_npy
from model.bundle_writer import write_bundle
from model.detector import Metric, Standardiser
from model.detector_graphs import DetectorGraphs, vae_graphs
from model.features import FeatureSpec
from model.manifest import FileEntry, Graphs, Manifest, Training
from model.raw_scorer import RawScorer
from model.threshold import Threshold
from model.vae import VAE
from tests.samples import FEATURES, LOCATION, SCALE, clean_rows
from training.calibrate import calibrate
from training.export import export_graphs
from training.golden import GOLDEN_RTOL, golden_samples


@dataclass(frozen=True)
class Untrained:
    """A detector whose weights are drawn, not learned: everything but the fit is real."""

    vae: VAE
    standardiser: Standardiser
    metric: Metric

    @property
    def graphs(self) -> DetectorGraphs:
        return vae_graphs(self.vae, self.standardiser, self.metric)


def untrained_detector(feature_count: int = 4, latent_size: int = 2, seed: int = 0) -> Untrained:
    torch.manual_seed(seed)
    vae = VAE(feature_count, latent_size, (16, 16), "per_feature")
    location = torch.from_numpy(np.resize(LOCATION, feature_count))
    scale = torch.from_numpy(np.resize(SCALE, feature_count))
    bounds = torch.full((feature_count,), 10.0, dtype=torch.float64)
    generator = torch.Generator().manual_seed(seed)
    mixing = torch.randn(feature_count, feature_count, dtype=torch.float64, generator=generator)
    whitening = torch.eye(feature_count, dtype=torch.float64) + 0.1 * mixing
    response = torch.eye(feature_count, dtype=torch.float64)
    metric = Metric(torch.zeros(feature_count, dtype=torch.float64), whitening, response)
    return Untrained(vae, Standardiser(location, scale, -bounds, bounds), metric)


def write_small_bundle(models: Path, name: str = "pump", version: int = 1, target_fpr: float = 0.01) -> Path:
    """Write a complete, valid bundle of four features to ``models/name/version``."""
    detector = untrained_detector()
    graphs = export_graphs(detector.graphs)
    spec = FeatureSpec(features=FEATURES)
    clean = clean_rows(500)
    raw = RawScorer(graphs.scorer)
    scores = np.sort(raw.scores(clean))
    threshold: Threshold = calibrate(scores, target_fpr, "tolerance", 0.95)
    golden = golden_samples(raw, spec, clean, raw.scores(clean), threshold, None, np.random.default_rng(0))

    def manifest(files: dict[str, FileEntry]) -> Manifest:
        return Manifest(
            format_version=1,
            name=name,
            version=version,
            modality="tabular",
            features=FEATURES,
            score="mahalanobis",
            threshold=threshold,
            graphs=Graphs(precision="float32", latent_size=2, score_rtol=GOLDEN_RTOL),
            training=Training(
                created_at="2026-01-01T00:00:00+00:00",
                data_fingerprint="sha256:" + "0" * 64,
                config={},
                config_sha256="0" * 64,
                code_version="0.1.0",
                libraries={},
                seed=0,
                rows={"calibration": 500},
                metrics={},
            ),
            files=files,
        )

    files = {
        **graphs.files(),
        "calibration.npy": calibration_npy(scores),
        "golden.npz": golden.to_npz(),
        "report/index.html": b"<!doctype html><title>report</title>",
    }
    return write_bundle(models / name, manifest, files)
