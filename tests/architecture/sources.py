"""The repository's own source files, and copies of it with a fault planted."""

import shutil
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGES = ("model", "training", "service")
CLIENT = "plumbline_client"  # a distribution of its own; installing it may leave a folder "build" there
# What needs torch. Training imports it; nothing that serves may.
TORCH_HALF = {
    "model.vae",
    "model.autoencoder",
    "model.elbo",
    "model.detector",
    "model.detector_graphs",
    "model.absence",
    "model.neighbourhood",
    "model.gaussian_scorer",
    "model.principal_components",
    "model.nearest_neighbours",
    "model.window_vae",
    "model.window_units",
    "model.window_detector",
    "model.image_vae",
    "model.image_plan",
    "model.image_description",
    "model.image_detector",
    "model.backbone",
    "model.feature_maps",
    "model.feature_detector",
    "model.interpolation",
}


def modules(*packages: str) -> list[str]:
    """Name every module of ``packages``, the packages themselves included."""
    files = [file for package in packages for file in sorted((ROOT / package).rglob("*.py"))]
    return [".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__") for file in files]


def copy_with_fault(folder: Path, file: str, code: str) -> Path:
    """Copy the packages and their contracts to ``folder`` and add ``code`` to ``file``."""
    for package in (*PACKAGES, CLIENT):
        shutil.copytree(ROOT / package, folder / package, ignore=shutil.ignore_patterns("__pycache__", "build"))
    shutil.copy(ROOT / "pyproject.toml", folder)
    planted = folder / file
    planted.write_text(f"{planted.read_text('utf-8')}\n{code}\n", "utf-8")
    return folder
