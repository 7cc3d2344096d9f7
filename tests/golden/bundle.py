"""The committed golden bundle, for tests that need a real one and no torch."""

from pathlib import Path

from model.bundle import MANIFEST

GOLDEN_BUNDLE = Path(__file__).parent / "models" / "pump" / "1"


def golden_files() -> dict[str, bytes]:
    """Read every file of the golden bundle but its manifest, by its path inside the bundle."""
    files = {
        file.relative_to(GOLDEN_BUNDLE).as_posix(): file.read_bytes() for file in sorted(GOLDEN_BUNDLE.rglob("*.*"))
    }
    del files[MANIFEST]
    return files
