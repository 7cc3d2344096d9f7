import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from model.manifest_schema import manifest_schema

ROOT = Path(__file__).parents[2]
GOLDEN_MANIFEST = ROOT / "tests" / "golden" / "models" / "pump" / "1" / "manifest.json"
COMMITTED = ROOT / "docs" / "manifest.schema.json"


def validator() -> Draft202012Validator:
    schema = json.loads(manifest_schema())
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


def golden_manifest() -> dict[str, Any]:
    fields: dict[str, Any] = json.loads(GOLDEN_MANIFEST.read_text("utf-8"))
    return fields


def test_the_committed_schema_is_what_the_command_prints() -> None:
    printed = subprocess.run(
        [sys.executable, "-m", "model.manifest_schema"], cwd=ROOT, capture_output=True, check=True, text=True
    ).stdout
    assert COMMITTED.read_text("utf-8") == printed, "run: python -m model.manifest_schema > docs/manifest.schema.json"


def test_the_golden_manifest_fits_the_schema() -> None:
    validator().validate(golden_manifest())


@pytest.mark.parametrize("section", [(), ("threshold",), ("graphs",), ("training",), ("features", 0)])
def test_the_schema_refuses_an_unknown_field_at_every_level(section: tuple[str | int, ...]) -> None:
    fields = golden_manifest()
    place: Any = fields
    for key in section:
        place = place[key]
    place["unknown"] = 1
    assert not validator().is_valid(fields)


@pytest.mark.parametrize("name", ["../x", "/x", "report/.hidden", "report//x", "a\\b", ""])
def test_the_schema_refuses_paths_that_the_reader_refuses(name: str) -> None:
    fields = golden_manifest()
    fields["files"][name] = {"sha256": "0" * 64, "bytes": 0}
    assert not validator().is_valid(fields)


@pytest.mark.parametrize("name", ["two\nlines", "\x1b[2J", "a\u2028b", ""])
def test_the_schema_refuses_feature_names_that_the_reader_refuses(name: str) -> None:
    fields = golden_manifest()
    fields["features"][0]["name"] = name
    assert not validator().is_valid(fields)


def test_the_schema_explains_every_field() -> None:
    schema = json.loads(manifest_schema())
    sections = [schema, *(section for section in schema["$defs"].values() if "properties" in section)]
    for section in sections:
        for name, field in section["properties"].items():
            assert field.get("description"), f"{section['title']}.{name}"
