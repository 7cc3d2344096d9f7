"""JSON that says each thing once: UTF-8, no repeated key, no NaN, no number beyond float64."""

import json
import math
from typing import Any

from model.quoting import quoted


def read_strictly(raw: bytes) -> object:
    """Read strict JSON.

    Raises:
        ValueError: it is anything else; nesting too deep to be read is told as well.
    """
    try:
        return json.loads(
            raw.decode("utf-8"),
            parse_constant=_finite,
            parse_float=_finite,
            object_pairs_hook=_refuse_repeated,
        )
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error


def _finite(literal: str) -> float:
    number = float(literal)
    if not math.isfinite(number):
        raise ValueError(f"{quoted(literal)} is not a finite number")
    return number


def _refuse_repeated(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    for key, value in pairs:
        if key in fields:
            raise ValueError(f"key {quoted(key)} is repeated")
        fields[key] = value
    return fields
