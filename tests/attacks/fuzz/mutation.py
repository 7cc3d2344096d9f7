"""Inputs that nobody would send, made from good ones: bytes changed, pieces moved, repeated, and taken from elsewhere."""

import random
from collections.abc import Sequence

MOST_BYTES = 64 << 10
CHANGES = (1, 1, 1, 2, 3, 6)
BYTES = (b"\x00", b"\xff", b"\x80", b"\xef\xbb\xbf", b"\n", b"\r\n", b" ", b'"', b"\\", b",", b":")
NUMBERS = (
    b"0",
    b"-0",
    b"-1",
    b"1e999",
    b"-1e-999",
    b"NaN",
    b"Infinity",
    b"1" * 400,
    b"9223372036854775808",
    b"0.1e1",
    b"01",
)
INTEGERS = (0, 1, 0x7F, 0x80, 0xFF, 0x7FFF, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, 0x7FFFFFFFFFFFFFFF, 2**64 - 1)
DEPTHS = (2, 20, 300, 5_000)


class Mutator:
    """Draws inputs from ``corpus`` with what stands in ``words``; what it draws depends on ``seed`` alone."""

    def __init__(self, corpus: Sequence[bytes], words: Sequence[bytes], seed: int) -> None:
        self._corpus, self._words = corpus, (*words, *BYTES, *NUMBERS)
        self._random = random.Random(seed)

    def draw(self) -> bytes:
        """Draw the next input."""
        data = bytearray(self._random.choice(self._corpus))
        for _ in range(self._random.choice(CHANGES)):
            self._change(data)
        return bytes(data[:MOST_BYTES])

    def _change(self, data: bytearray) -> None:
        at, length = self._place(data), self._length()
        match self._random.randrange(9):
            case 0:
                if data:
                    data[min(at, len(data) - 1)] ^= 1 << self._random.randrange(8)
            case 1:
                del data[at : at + length]
            case 2:
                data[at:at] = self._random.choice(self._words)
            case 3:
                data[at : at + length] = self._random.choice(self._words)
            case 4:
                data[at:at] = data[at : at + length] * self._random.choice(DEPTHS[:3])
            case 5:
                other = self._random.choice(self._corpus)
                start = self._random.randrange(len(other) + 1)
                data[at : at + length] = other[start : start + self._length()]
            case 6:
                integer, size = self._random.choice(INTEGERS), self._random.choice((1, 2, 4, 8))
                written = (integer % (1 << 8 * size)).to_bytes(size, self._random.choice(("little", "big")))
                data[at : at + size] = written
            case 7:
                data[at:at] = self._random.choice((b"[", b"{", b'{"a":', b'"', b"--")) * self._random.choice(DEPTHS)
            case _:
                del data[at:]

    def _place(self, data: bytearray) -> int:
        return self._random.randrange(len(data) + 1)

    def _length(self) -> int:
        return self._random.choice((1, 1, 2, 4, 8, 30, 200))
