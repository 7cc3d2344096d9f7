"""Bodies of everything but score requests in JSON: images and forms, other services' protocols, streams, generation."""

import io
import struct
from collections.abc import Sequence

import numpy as np
import orjson
from numpy.typing import NDArray
from PIL import Image

from service.generate_request import parse_generate_request
from service.images.body import FORM, ImageBody
from service.images.request import SCORE_FIELDS, parse_images
from service.limits import Limits
from service.protocols.azure.request import parse_detect
from service.protocols.lookout.request import parse_lines
from service.protocols.series import series_samples
from service.protocols.v2.infer import read_infer
from service.registry.models import ServedModel
from service.registry.request import parse_version
from service.streams.request import parse_rows, parse_shelve
from tests.attacks.fuzz.target import Target
from tests.service.protocols.series_bodies import ANOMALOUS, NORMAL, csv, stamps, variables

LIMITS = Limits(samples=50, image_pixels=100_000)
JSON_WORDS = (b"null", b"true", b"[", b"]", b"{", b"}", b"[]", b"{}", b'""', b"1.5", b"-1", b'"\\ud800"', b"1e308")
TIMES = (b'"2026-01-01T00:00:00Z"', b"9999-12-31T23:59:59-23:59", b"0001-01-01T00:00:00+23:59", b"1e18", b"24:00:00")
TENSOR_WORDS = (
    b'"FP64"', b'"FP32"', b'"INT64"', b'"UINT8"', b'"BOOL"', b'"BYTES"', b'"FP16"', b'"shape"', b'"data"', b'"inputs"',
    b'"parameters"', b'"binary_data_size"', b'"binary_data_output"', b'"outputs"', b'"x"', b"[4,1]", b"[1,4]", b"[0,4]",
)  # fmt: skip


def inference_target(model: ServedModel, rows: NDArray[np.float64]) -> Target:
    """Attack the Open Inference Protocol: two bytes that say how long the JSON is, then a body."""
    one = {"name": "x", "shape": [1, 4], "datatype": "FP64"}
    by_feature = [{"name": name, "shape": [1], "datatype": "FP32", "data": [8.5]} for name in model.spec.names]
    plain = orjson.dumps({"id": "7", "inputs": [one | {"data": rows[0].tolist()}]})
    named = orjson.dumps({"inputs": by_feature, "outputs": [{"name": "score", "parameters": {"binary_data": True}}]})
    head = orjson.dumps({"inputs": [one | {"parameters": {"binary_data_size": 32}}]})
    corpus = [struct.pack("<H", len(text)) + text + data for text, data in
              ((plain, b""), (named, b""), (head, rows[:1].astype("<f8").tobytes()))]  # fmt: skip

    def read(data: bytes) -> object:
        length = int.from_bytes(data[:2], "little")
        return read_infer(data[2:], None if length == 0xFFFF else str(length), model, LIMITS)

    return Target("v2", corpus, (*JSON_WORDS, *TENSOR_WORDS), read)


def detection_target(model: ServedModel) -> Target:
    """Attack the protocol of Azure's Anomaly Detector."""
    body = {"variables": variables([NORMAL, ANOMALOUS]), "topContributorCount": 2}
    words = (*JSON_WORDS, *TIMES, b'"variable"', b'"timestamps"', b'"values"', b'"pressure"', b'"topContributorCount"')

    def read(data: bytes) -> object:
        asked = parse_detect(data, model, LIMITS)
        return series_samples(asked.series.last(model.steps or 1), model, 1)

    return Target("azure", (orjson.dumps(body),), words, read)


def lines_target(model: ServedModel, *, is_csv: bool) -> Target:
    """Attack the lines of Lookout for Equipment, in CSV or in JSON."""
    rows = [NORMAL, ANOMALOUS, NORMAL]
    body = csv(rows).encode() if is_csv else orjson.dumps({"rows": [[*row] for row in rows], "times": stamps(3)})
    words = (
        *JSON_WORDS,
        *TIMES,
        b"Timestamp",
        b"pressure,",
        b'"rows"',
        b'"times"',
        b"\r",
        b",,,,",
        b"'",
        b"nan",
        b"1_0",
    )

    def read(data: bytes) -> object:
        return series_samples(parse_lines(data, is_csv, [("component", "a")], model, LIMITS).series, model, 50)

    return Target("lookout-csv" if is_csv else "lookout-json", (body,), words, read)


def stream_target(model: ServedModel, rows: NDArray[np.float64]) -> Target:
    """Attack what streams take: rows, shelving, and versions to pin; the first byte says which."""
    corpus = (
        b"0" + orjson.dumps({"rows": rows[:3].tolist(), "times": stamps(3), "ids": ["a", 1, "b"]}),
        b"0" + orjson.dumps({"rows": rows[:3].tolist(), "times": [0, 1.5, 2]}),
        b"1" + orjson.dumps({"minutes": 30, "reason": "flow meter"}),
        b"2" + orjson.dumps({"version": 3}),
        b"3" + orjson.dumps({"n": 3, "seed": 1, "from": "prior"}),
        b"3" + orjson.dumps({"between": rows[:2].tolist(), "steps": 5}),
    )
    words = (
        *JSON_WORDS,
        *TIMES,
        b'"rows"',
        b'"times"',
        b'"minutes"',
        b'"n"',
        b'"seed"',
        b'"between"',
        b'"steps"',
        b"1e400",
    )

    def read(data: bytes) -> object:
        match data[:1]:
            case b"1":
                return parse_shelve(data[1:])
            case b"2":
                return parse_version(data[1:])
            case b"3":
                return parse_generate_request(data[1:], model.spec, model.scorer.form, LIMITS)
            case _:
                return parse_rows(data[1:], model.spec, LIMITS)

    return Target("streams", corpus, words, read)


def image_target(model: ServedModel, tile: NDArray[np.uint8]) -> Target:
    """Attack the decoders of images with ``tile`` [H, W, 1] in each format."""
    corpus = [_encoded(tile, form) for form in ("PNG", "JPEG", "BMP", "TIFF")]
    words = (
        b"IHDR",
        b"IDAT",
        b"IEND",
        b"PLTE",
        b"tRNS",
        b"acTL",
        b"iCCP",
        b"eXIf",
        b"\xff\xd8\xff",
        b"\xff\xda",
        b"II*\0",
    )

    def read(data: bytes) -> object:
        return parse_images(ImageBody(data, "application/octet-stream", ()), model, LIMITS, SCORE_FIELDS)

    return Target("image", corpus, words, read)


def form_target(model: ServedModel, tile: NDArray[np.uint8]) -> Target:
    """Attack forms of images; the first line is the type that names the boundary."""
    png = _encoded(tile, "PNG")

    def form(names: Sequence[bytes]) -> bytes:
        parts = [
            b'--b1\r\nContent-Disposition: form-data; name="f"; filename="%b"\r\nContent-Type: image/png\r\n\r\n%b\r\n'
            % (name, png)
            for name in names
        ]
        return b"multipart/form-data; boundary=b1\n" + b"".join(parts) + b"--b1--\r\n"

    words = (b"--b1\r\n", b"--b1--", b"\r\n\r\n", b'filename="', b"filename*=utf-8''%ff", b"Content-Disposition:", b"boundary=",
             b'; name="', b"form-data", b";" * 50, b'"', b"\\")  # fmt: skip

    def read(data: bytes) -> object:
        kind, _, body = data.partition(b"\n")
        declared = kind.decode("latin-1") if kind.startswith(FORM.encode()) else f"{FORM}; {kind.decode('latin-1')}"
        return parse_images(ImageBody(body, declared, ()), model, LIMITS, SCORE_FIELDS)

    return Target("multipart", (form([b"a.png"]), form([b"a.png", "é.png".encode()])), words, read)


def _encoded(tile: NDArray[np.uint8], form: str) -> bytes:
    written = io.BytesIO()
    Image.fromarray(tile[:, :, 0]).save(written, form)
    return written.getvalue()
