"""A run's configuration, read from a TOML file with flags laid over it. An unknown key is an error."""

import tomllib
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from model.errors import InputError
from model.quoting import quoted
from training.config import TrainingConfig
from training.config_fault import sentence


def load_config(file: Path | None, overrides: dict[str, Any]) -> TrainingConfig:
    """Read ``file`` (TOML) and lay ``overrides`` over it: dotted keys to values, those that are None left out.

    Raises:
        InputError: the file cannot be read, is no TOML, or holds an unknown or impossible value; names the key.
    """
    fields: dict[str, Any] = {}
    if file is not None:
        try:
            fields = tomllib.loads(file.read_text("utf-8"))
        except FileNotFoundError as error:
            raise InputError(f"{file}: no such configuration file") from error
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            raise InputError(f"{file}: not a readable TOML file: {error}") from error
    for key, value in overrides.items():
        if value is not None:
            *sections, last = key.split(".")
            place = fields
            for section in sections:
                place = place.setdefault(section, {})
                if not isinstance(place, dict):
                    raise InputError(f"configuration: {section} must be a section, found {quoted(place)}")
            place[last] = value
    try:
        return TrainingConfig.model_validate(fields)
    except ValidationError as error:
        raise InputError(f"configuration: {sentence(error.errors()[0], TrainingConfig)}") from error
