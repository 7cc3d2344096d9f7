"""Encoded images in, samples of a model's geometry out: the one place where images become samples."""

from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray

from model.images.decode import open_image
from model.images.errors import WrongGeometryError
from model.images.geometry import ImageGeometry
from model.images.resize import resize
from model.manifest import Manifest


@dataclass(frozen=True)
class ImageReader:
    """Read images as ``geometry`` has them; with ``resized``, those of other sizes are brought to its height and width."""

    geometry: ImageGeometry
    resized: bool = False

    @classmethod
    def of(cls, manifest: Manifest) -> "ImageReader":
        """Read as a bundle asks, whose modality is ``image``."""
        if manifest.image is None:
            raise ValueError(f"modality '{manifest.modality}' has no images")
        return cls(ImageGeometry.declared(manifest.image, len(manifest.features)), manifest.image.resized)

    def takes(self, found: ImageGeometry) -> bool:
        """Tell whether images of geometry ``found`` are, or are brought to, the one that is wanted."""
        wanted = self.geometry
        same_values = (found.channels, found.bits) == (wanted.channels, wanted.bits)
        return found == wanted or (self.resized and same_values)

    def read(self, raw: bytes) -> NDArray[Any]:
        """Decode one image to a sample [H, W, C].

        Raises:
            ImageError: the subclass says why it cannot be judged.
        """
        image = open_image(raw)
        wanted = self.geometry
        # Before decoding, and either way round: what EXIF turns is known behind it.
        if not self.resized and sorted((image.height, image.width)) != sorted((wanted.height, wanted.width)):
            raise _wrong(wanted, f"{image.height} x {image.width}")
        pixels = image.pixels()
        if self.resized:
            pixels = resize(pixels, wanted.height, wanted.width)
        found = ImageGeometry.of(pixels)
        if found != wanted:
            raise _wrong(wanted, str(found))
        return pixels


def _wrong(wanted: ImageGeometry, found: str) -> WrongGeometryError:
    return WrongGeometryError(f"expected {wanted}, found {found} (height x width)")
