"""A set of images as samples, with where each came from and what could not be used."""

from dataclasses import dataclass

from model.images.geometry import ImageGeometry
from model.images.reader import ImageReader
from model.sample_form import SampleSet


@dataclass(frozen=True)
class ImageSet:
    """Images of one geometry: ``samples[rows]`` gives them [n, H, W, C], and ``place`` says where each came from.

    ``rejected`` has a sentence for each image that cannot be used, ``misnamed`` for each whose name tells another format
    than its content. ``fingerprint`` is over the bytes of every file, usable or not.
    """

    samples: SampleSet
    reader: ImageReader
    place: tuple[str, ...]
    fingerprint: str
    sources: tuple[str, ...]
    rejected: tuple[str, ...] = ()
    misnamed: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.place)

    @property
    def geometry(self) -> ImageGeometry:
        return self.reader.geometry
