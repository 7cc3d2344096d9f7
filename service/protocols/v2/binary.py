"""The binary tensor data extension: tensors as raw bytes behind the JSON, in the order in which that names them.

Numbers are little-endian, row by row; a BYTES element is four bytes with its length, then that many.
"""

import struct
from collections.abc import Sequence

from service.errors import StructureError, UnreadableBodyError
from service.wording import shown

BINARY = "application/octet-stream"
HEADER = "Inference-Header-Content-Length"
SIZE = "binary_data_size"
_MOST_DIGITS = 18  # of a length that could be true


class BinaryData:
    """What of a body stands behind its JSON, taken tensor by tensor."""

    def __init__(self, data: memoryview) -> None:
        self._data, self._taken = data, 0

    def take(self, size: int, name: str) -> memoryview:
        """Give the next ``size`` bytes, those of tensor ``name``.

        Raises:
            StructureError: so many are not there.
        """
        left = len(self._data) - self._taken
        if size > left:
            raise StructureError(f"input {shown(name)} has a {SIZE} of {size:,}, found {left:,} bytes behind the JSON")
        self._taken += size
        return self._data[self._taken - size : self._taken]

    def check_taken(self) -> None:
        """Refuse bytes that no tensor claims."""
        left = len(self._data) - self._taken
        if left:
            raise StructureError(f"the inputs' {SIZE} add up to {self._taken:,}, found {left:,} bytes more")


def split_body(body: bytes, header: str | None) -> tuple[bytes, BinaryData]:
    """Take a body apart into JSON and what stands behind it; ``header`` says how long the JSON is.

    Raises:
        UnreadableBodyError: the header is no number of bytes that the body has.
    """
    if header is None:
        return body, BinaryData(memoryview(b""))
    digits = header.strip()
    if not digits.isascii() or not digits.isdecimal() or len(digits) > _MOST_DIGITS or int(digits) > len(body):
        raise UnreadableBodyError(
            f"{HEADER} must be a number of bytes, at most the {len(body):,} of the body, found {shown(header)}"
        )
    return body[: int(digits)], BinaryData(memoryview(body)[int(digits) :])


def joined_texts(texts: Sequence[str]) -> bytes:
    """Write the elements of a BYTES tensor."""
    parts = [text.encode() for text in texts]
    return b"".join(piece for part in parts for piece in (struct.pack("<I", len(part)), part))
