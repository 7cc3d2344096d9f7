"""calibration.npy and golden.npz that are no such arrays, or arrays with impossible values. Every digest fits."""

import io
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from model.bundle import MAX_BYTES
from model.bundle_arrays import MAX_GOLDEN_SAMPLES
from model.errors import BundleArrayError
from tests.attacks.refusal import assert_refused
from tests.attacks.sealing import put_sealed

CALIBRATION, GOLDEN = "calibration.npy", "golden.npz"
MEMBERS = ("samples", "scores", "verdicts")


class Payload:
    """Leaves a mark where a pickle is opened."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple[Callable[[Path], None], tuple[Path]]:
        return Path.touch, (self.mark,)


def npy(array: NDArray[Any], **options: Any) -> bytes:
    file = io.BytesIO()
    np.lib.format.write_array(file, array, **options)
    return file.getvalue()


def npy_with_header(header: bytes, data: bytes = b"", version: int = 1) -> bytes:
    size = len(header).to_bytes(2 if version == 1 else 4, "little")
    return b"\x93NUMPY" + bytes([version, 0]) + size + header + data


def header_of(descr: str, shape: str, order: str = "False") -> bytes:
    return f"{{'descr': '{descr}', 'fortran_order': {order}, 'shape': {shape}, }}\n".encode()


def scores_of(bundle: Path) -> NDArray[np.float64]:
    scores: NDArray[np.float64] = np.load(bundle / CALIBRATION)
    return scores


def spoilt(bundle: Path, spoil: Callable[[NDArray[np.float64]], object]) -> bytes:
    scores = scores_of(bundle)
    spoil(scores)
    return npy(scores)


def set_at(index: int, value: float) -> Callable[[NDArray[np.float64]], object]:
    return lambda scores: scores.__setitem__(index, value)


def swap_ends(scores: NDArray[np.float64]) -> None:
    scores[[0, -1]] = scores[[-1, 0]]


def cut(bundle: Path) -> bytes:
    return (bundle / CALIBRATION).read_bytes()


CALIBRATIONS: dict[str, Callable[[Path], bytes]] = {
    "empty": lambda _: b"",
    "text": lambda _: b"1.0\n2.0\n",
    "a bare magic number": lambda _: b"\x93NUMPY",
    "truncated in the header": lambda bundle: cut(bundle)[:50],
    "truncated in the data": lambda bundle: cut(bundle)[:-1],
    "with bytes behind the data": lambda bundle: cut(bundle) + b"\0" * 8,
    "one score too few": lambda bundle: npy(scores_of(bundle)[:-1]),
    "one score too many": lambda bundle: npy(np.append(scores_of(bundle), 1e9)),
    "a matrix": lambda bundle: npy(scores_of(bundle).reshape(1, -1)),
    "a single number": lambda _: npy(np.array(1.0)),
    "float32": lambda bundle: npy(scores_of(bundle).astype(np.float32)),
    "big-endian": lambda bundle: npy(scores_of(bundle).astype(">f8")),
    "integers of the same size": lambda bundle: npy(scores_of(bundle).view(np.int64)),
    "complex": lambda bundle: npy(scores_of(bundle).astype(complex)),
    "text of the same size": lambda bundle: npy(scores_of(bundle).view("S8")),
    "structured": lambda bundle: npy(scores_of(bundle).view([("score", "<f8")])),
    "unsorted": lambda bundle: spoilt(bundle, swap_ends),
    "with NaN": lambda bundle: spoilt(bundle, set_at(-1, np.nan)),
    "with infinity": lambda bundle: spoilt(bundle, set_at(-1, np.inf)),
    "with a negative score": lambda bundle: spoilt(bundle, set_at(0, -1.0)),
    "format 2.0": lambda bundle: npy(scores_of(bundle), version=(2, 0)),
    "an archive": lambda bundle: (bundle / GOLDEN).read_bytes(),
    "a pickle": lambda _: b"\x80\x04\x95\x00\x00\x00\x00\x00\x00\x00\x00N.",
    # What follows makes NumPy's own reader fail in other ways than ValueError, or allocate what a header asks for.
    "a header of minus signs": lambda _: npy_with_header(b"-" * 9000 + b"1"),
    "a header of open brackets": lambda _: npy_with_header(b"(" * 9000),
    "a header of an open string": lambda _: npy_with_header(b'"""'),
    "a header with bad indentation": lambda _: npy_with_header(b"\n  1\n 2"),
    "a header with a list as key": lambda _: npy_with_header(b"{[]: 1}"),
    "a header with keys of two kinds": lambda _: npy_with_header(header_of("<f8", "(1,)")[:-2] + b"1: 2}\n"),
    "a header that is a call": lambda _: npy_with_header(b"__import__('os').system('true')\n"),
    "a header that is not UTF-8": lambda _: npy_with_header(b"\xff\xfe\n", version=3),
    "a header of a negative shape": lambda _: npy_with_header(header_of("<f8", "(-500,)")),
    "a header that asks for petabytes": lambda _: npy_with_header(header_of("<f8", "(1000000000000000,)")),
    "a header that asks for gigabytes": lambda _: npy_with_header(header_of("<f8", "(900000000,)")),
    "a header of a million digits": lambda _: npy_with_header(header_of("<f8", f"({'9' * 60_000},)")),
    "a header of an enormous item": lambda _: npy_with_header(header_of("|V2147483647", "(1,)")),
    "a header of objects": lambda _: npy_with_header(header_of("|O", "(500,)"), b"\0" * 4000),
    "a header in column order": lambda bundle: npy_with_header(header_of("<f8", "(500,)", "True"), b"\0" * 4000),
    "a header that lies about its length": lambda bundle: cut(bundle)[:8] + b"\x10\x00" + cut(bundle)[10:],
}


@pytest.mark.parametrize("forge", CALIBRATIONS.values(), ids=CALIBRATIONS.keys())
def test_calibration_scores_that_are_none_are_refused(bundle: Path, forge: Callable[[Path], bytes]) -> None:
    put_sealed(bundle, CALIBRATION, forge(bundle))
    assert_refused(bundle, BundleArrayError, CALIBRATION)


def npz(members: dict[str, bytes], compression: int = zipfile.ZIP_STORED) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", compression) as archive:
        for name, raw in members.items():
            archive.writestr(name, raw)
    return file.getvalue()


def members_of(bundle: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(bundle / GOLDEN) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def golden_with(bundle: Path, **arrays: NDArray[Any]) -> bytes:
    return npz(members_of(bundle) | {f"{name}.npy": npy(array) for name, array in arrays.items()})


def golden_array(bundle: Path, name: str) -> NDArray[Any]:
    with np.load(bundle / GOLDEN) as arrays:
        array: NDArray[Any] = arrays[name]
    return array


def changed(name: str, row: Callable[[Path], int], value: float) -> Callable[[Path], bytes]:
    def forge(bundle: Path) -> bytes:
        array = golden_array(bundle, name)
        array[row(bundle)] = value
        return golden_with(bundle, **{name: array})

    return forge


def a_scored_row(bundle: Path) -> int:
    return int(np.flatnonzero(np.isfinite(golden_array(bundle, "scores")))[0])


def an_invalid_row(bundle: Path) -> int:
    return int(np.flatnonzero(np.isnan(golden_array(bundle, "scores")))[0])


def only_invalid(bundle: Path) -> bytes:
    row = [an_invalid_row(bundle)]
    return golden_with(bundle, **{name: golden_array(bundle, name)[row] for name in MEMBERS})


def no_rows(bundle: Path) -> bytes:
    return golden_with(bundle, **{name: golden_array(bundle, name)[:0] for name in MEMBERS})


def too_many_rows(bundle: Path) -> bytes:
    rows = np.resize(np.arange(len(golden_array(bundle, "scores"))), MAX_GOLDEN_SAMPLES + 1)
    return golden_with(bundle, **{name: golden_array(bundle, name)[rows] for name in MEMBERS})


def zip_bomb(bundle: Path) -> bytes:
    zeros = npy(np.zeros((2**19, 4)))
    return npz({"samples.npy": zeros, "scores.npy": zeros, "verdicts.npy": zeros}, zipfile.ZIP_DEFLATED)


def zip_bomb_that_claims_to_be_small(bundle: Path) -> bytes:
    """A deflated member whose headers announce a few bytes."""
    squeezed = zlib.compressobj(9, zlib.DEFLATED, -15)
    body = b"".join(squeezed.compress(bytes(1 << 20)) for _ in range(64)) + squeezed.flush()
    members = members_of(bundle)
    raw = bytearray(npz(members | {"samples.npy": body}))
    for signature, method in ((b"PK\x03\x04", 8), (b"PK\x01\x02", 10)):
        raw[raw.index(signature) + method] = zipfile.ZIP_DEFLATED
    return bytes(raw)


def encrypted(bundle: Path) -> bytes:
    raw = bytearray((bundle / GOLDEN).read_bytes())
    raw[raw.index(b"PK\x03\x04") + 6] |= 1
    raw[raw.index(b"PK\x01\x02") + 8] |= 1
    return bytes(raw)


def member_larger_than_the_archive(bundle: Path) -> bytes:
    raw = bytearray((bundle / GOLDEN).read_bytes())
    central = raw.index(b"PK\x01\x02")
    raw[central + 20 : central + 28] = (2**31 - 1).to_bytes(4, "little") * 2
    return bytes(raw)


def members_that_overlap(bundle: Path) -> bytes:
    raw = bytearray((bundle / GOLDEN).read_bytes())
    first = raw.index(b"PK\x01\x02")
    second = raw.index(b"PK\x01\x02", first + 4)
    raw[second + 42 : second + 46] = raw[first + 42 : first + 46]
    return bytes(raw)


def wrong_checksum(bundle: Path) -> bytes:
    raw = bytearray((bundle / GOLDEN).read_bytes())
    raw[raw.index(b"PK\x01\x02") + 16] ^= 1
    return bytes(raw)


def repeated_member(bundle: Path) -> bytes:
    file = io.BytesIO((bundle / GOLDEN).read_bytes())
    with zipfile.ZipFile(file, "a") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr("samples.npy", members_of(bundle)["samples.npy"])
    return file.getvalue()


GOLDENS: dict[str, Callable[[Path], bytes]] = {
    "empty": lambda _: b"",
    "text": lambda _: b"PK",
    "an empty archive": lambda _: npz({}),
    "truncated": lambda bundle: (bundle / GOLDEN).read_bytes()[:-30],
    "a bare array": lambda bundle: (bundle / CALIBRATION).read_bytes(),
    "an extra member": lambda bundle: npz(members_of(bundle) | {"extra.npy": npy(np.zeros(1))}),
    "a member that climbs out": lambda bundle: npz(members_of(bundle) | {"../../x.npy": npy(np.zeros(1))}),
    "a missing member": lambda bundle: npz(dict(list(members_of(bundle).items())[:2])),
    "members in another order": lambda bundle: npz(dict(reversed(members_of(bundle).items()))),
    "a repeated member": repeated_member,
    "compressed members": lambda bundle: npz(members_of(bundle), zipfile.ZIP_DEFLATED),
    "members in an exotic compression": lambda bundle: npz(members_of(bundle), zipfile.ZIP_LZMA),
    "a bomb": zip_bomb,
    "a bomb that claims to be small": zip_bomb_that_claims_to_be_small,
    "encrypted members": encrypted,
    "a member larger than the archive": member_larger_than_the_archive,
    "members that overlap": members_that_overlap,
    "a wrong checksum": wrong_checksum,
    "a member that is no array": lambda bundle: npz(members_of(bundle) | {"scores.npy": b"\0" * 1000}),
    "samples in float32": lambda bundle: golden_with(bundle, samples=golden_array(bundle, "samples").astype("<f4")),
    "samples in column order": lambda bundle: golden_with(
        bundle, samples=np.asfortranarray(golden_array(bundle, "samples"))
    ),
    "samples of another width": lambda bundle: golden_with(bundle, samples=golden_array(bundle, "samples")[:, :-1]),
    "flat samples": lambda bundle: golden_with(bundle, samples=golden_array(bundle, "samples").ravel()),
    "fewer scores than samples": lambda bundle: golden_with(bundle, scores=golden_array(bundle, "scores")[:-1]),
    "fewer verdicts than samples": lambda bundle: golden_with(bundle, verdicts=golden_array(bundle, "verdicts")[:-1]),
    "verdicts in int64": lambda bundle: golden_with(bundle, verdicts=golden_array(bundle, "verdicts").astype("<i8")),
    "verdicts in uint8": lambda bundle: golden_with(bundle, verdicts=golden_array(bundle, "verdicts").astype("u1")),
    "an unknown verdict": changed("verdicts", a_scored_row, 4),
    "a negative verdict": changed("verdicts", a_scored_row, -1),
    "an invalid sample that has a score": changed("scores", an_invalid_row, 1.0),
    "a valid sample that has none": changed("scores", a_scored_row, np.nan),
    "a scored sample that is called invalid": changed("verdicts", a_scored_row, 3),
    "an infinite score": changed("scores", a_scored_row, np.inf),
    "a negative score": changed("scores", a_scored_row, -1.0),
    "no rows": no_rows,
    "only invalid samples": only_invalid,
    "more rows than allowed": too_many_rows,
}


@pytest.mark.parametrize("forge", GOLDENS.values(), ids=GOLDENS.keys())
def test_golden_samples_that_are_none_are_refused(bundle: Path, forge: Callable[[Path], bytes]) -> None:
    raw = forge(bundle)
    assert len(raw) <= MAX_BYTES[GOLDEN]
    put_sealed(bundle, GOLDEN, raw)
    assert_refused(bundle, BundleArrayError, GOLDEN)


@pytest.mark.parametrize("name", [CALIBRATION, GOLDEN])
def test_a_pickle_is_refused_and_never_opened(bundle: Path, name: str, tmp_path: Path) -> None:
    mark = tmp_path / "opened"
    loaded = npy(np.array([Payload(mark)], dtype=object), allow_pickle=True)
    np.load(io.BytesIO(loaded), allow_pickle=True)
    assert mark.exists(), "the payload works"
    mark.unlink()
    raw = loaded if name == CALIBRATION else npz(members_of(bundle) | {"samples.npy": loaded})
    put_sealed(bundle, name, raw)
    assert_refused(bundle, BundleArrayError, name)
    assert not mark.exists()
