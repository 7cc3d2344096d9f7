"""Images over HTTP: several in a form, and one with its heat map."""

import secrets
from base64 import b64decode
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from examples.demo.client import Client

FORM_SIZE = 100


@dataclass(frozen=True)
class HeatMap:
    """One image's score, its heat map drawn over it as a PNG, and how many regions stand out."""

    score: float
    drawn: bytes
    regions: int


def score_files(client: Client, name: str, files: Sequence[Path]) -> list[dict[str, Any]]:
    """Send image files in forms; returns the service's results, in order."""
    results: list[dict[str, Any]] = []
    for start in range(0, len(files), FORM_SIZE):
        boundary = secrets.token_hex(16)
        body = (
            b"".join(_part(file, boundary) for file in files[start : start + FORM_SIZE])
            + f"--{boundary}--\r\n".encode()
        )
        kind = f"multipart/form-data; boundary={boundary}"
        results += client.ask(f"/models/{name}/score", body, kind)["results"]
    return results


def heat_map(client: Client, name: str, file: Path) -> HeatMap:
    """Have one image explained."""
    answer = client.ask(f"/models/{name}/score?explain=heatmap", file.read_bytes(), "image/png")
    (result,) = answer["results"]
    return HeatMap(result["score"], b64decode(result["heat_map"]["data"]), len(result.get("regions", ())))


def _part(file: Path, boundary: str) -> bytes:
    head = f'--{boundary}\r\nContent-Disposition: form-data; name="images"; filename="{file.name}"\r\n\r\n'
    return head.encode() + file.read_bytes() + b"\r\n"
