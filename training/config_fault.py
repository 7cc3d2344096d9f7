"""What is wrong with a configuration, in the words of this program."""

import re
from typing import get_args, get_origin

from pydantic import BaseModel
from pydantic_core import ErrorDetails

from model.quoting import quoted

_PLAIN_KEY = re.compile(r"[\w-]{1,100}")


def sentence(fault: ErrorDetails, root: type[BaseModel]) -> str:
    """Say what is wrong with the fields of ``root``, not in the words of the library that found it."""
    kind, limits = fault["type"], fault.get("ctx", {})
    key = ".".join(str(part) if _PLAIN_KEY.fullmatch(str(part)) else quoted(part) for part in fault["loc"])
    if kind == "extra_forbidden":
        return f"{key}: unknown key (known keys: {', '.join(_known(fault['loc'], root))})"
    if kind == "value_error":
        return f"{key}: {limits['error']}" if key else str(limits["error"])
    expected = {
        "string_pattern_mismatch": "one line of text without control characters",
        "string_too_long": f"at most {limits.get('max_length')} characters",
        "string_too_short": "text, not nothing",
        "string_type": "text",
        "too_long": f"at most {limits.get('max_length')} of them",
        "model_type": "a section",
        "float_parsing": "a number",
        "float_type": "a number",
        "int_parsing": "a whole number",
        "int_type": "a whole number",
        "int_from_float": "a whole number",
    }.get(kind, fault["msg"].removeprefix("Input should be "))
    return f"{key}: expected {expected}, found {quoted(fault['input'])}"


def _known(location: tuple[str | int, ...], root: type[BaseModel]) -> list[str]:
    section = root
    for part in location[:-1]:
        field = section.model_fields.get(str(part))
        annotation = field.annotation if field else None
        if get_origin(annotation) is dict:  # of sections by a name of the user's: the part that follows is that name
            annotation = get_args(annotation)[1]
        if isinstance(annotation, type) and issubclass(annotation, BaseModel):
            section = annotation
    return list(section.model_fields)
