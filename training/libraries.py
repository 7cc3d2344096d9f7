"""The versions of what computed a result."""

import importlib.metadata
import platform

CALIBRATING = ("numpy", "onnx", "onnxruntime", "onnxruntime-gpu", "scipy")
TRAINING = ("numpy", "onnx", "onnxruntime", "onnxruntime-gpu", "scikit-learn", "scipy", "torch")


def library_versions(names: tuple[str, ...] = TRAINING) -> dict[str, str]:
    """Give the versions of Python and of those of ``names`` that are installed."""
    found = {"python": platform.python_version()}
    for name in names:
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:  # one of the two onnxruntime packages is not there
            continue
    return found
