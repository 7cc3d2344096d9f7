"""Why an image cannot be judged, one class for each way; ``code`` is what stands before the colon of a reason."""

from typing import ClassVar

from model.errors import InputError
from model.validity import IMAGE_TOO_LARGE, UNREADABLE_IMAGE, UNSUPPORTED_IMAGE, WRONG_GEOMETRY, reason


class ImageError(InputError):
    """Root of what is wrong with one image."""

    code: ClassVar[str]

    @property
    def reason(self) -> str:
        return reason(self.code, str(self))


class UnreadableImageError(ImageError):
    """The bytes are no image of a format taken here, or one that is damaged or cut short."""

    code = UNREADABLE_IMAGE


class UnsupportedImageError(ImageError):
    """The image is sound, but what its values mean is not defined here: transparency, print colours, several pages."""

    code = UNSUPPORTED_IMAGE


class ImageTooLargeError(ImageError):
    """The image has more bytes or pixels than are read."""

    code = IMAGE_TOO_LARGE


class WrongGeometryError(ImageError):
    """The image has another size, other channels or another depth than the model was trained on."""

    code = WRONG_GEOMETRY
