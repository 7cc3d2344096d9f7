"""The committed golden image bundle, for tests that need a real one and no torch."""

from pathlib import Path

GOLDEN_IMAGE_MODELS = Path(__file__).parent / "image_models"
GOLDEN_IMAGE_BUNDLE = GOLDEN_IMAGE_MODELS / "tiles" / "1"
