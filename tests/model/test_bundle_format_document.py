"""docs/bundle-format.md against the code: what it lists, the code has, and the other way round."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from model import errors
from model.bundle import MAX_BYTES, MAX_REPORT_BYTES, MAX_TOTAL_BYTES, MIB, REPORT, REQUIRED
from model.bundle_arrays import GOLDEN_MEMBERS, HEADER, MAX_GOLDEN_SAMPLES
from model.graph_check import ALLOWED_OPERATORS, signatures
from model.manifest import FORMAT_VERSION, MAX_FILES
from model.manifest_schema import manifest_schema
from model.sample_form import SampleForm
from model.threshold import Verdict

TEXT = (Path(__file__).parents[2] / "docs" / "bundle-format.md").read_text("utf-8")


def section(heading: str) -> str:
    return TEXT.split(f"\n## {heading}\n")[1].split("\n## ")[0]


def table(heading: str) -> list[list[str]]:
    """Give the rows whose first cell is code, as lists of cells."""
    rows = [line for line in section(heading).splitlines() if line.startswith("| `")]
    return [[cell.strip() for cell in re.split(r"(?<!\\)\|", row)[1:-1]] for row in rows]


def code(cell: str) -> list[str]:
    return re.findall(r"`([^`]+)`", cell)


def schema_fields(schema: dict[str, Any], defs: dict[str, Any], above: str = "") -> dict[str, dict[str, Any]]:
    """Flatten the schema to 'section.field' names; review_threshold is described as a threshold, not field by field."""
    found = {}
    for name, field in schema.get("properties", {}).items():
        found[above + name] = field
        for inner, suffix in (
            (field, "."),
            (field.get("items", {}), "[]."),
            (field.get("additionalProperties", {}), ".*."),
            *((option, ".") for option in field.get("anyOf", []) if name != "review_threshold"),
        ):
            if isinstance(inner, dict) and "$ref" in inner:
                target = defs[inner["$ref"].rsplit("/", 1)[1]]
                found |= schema_fields(target, defs, above + name + suffix)
    return found


def test_the_table_of_fields_is_that_of_the_schema() -> None:
    schema = json.loads(manifest_schema())
    fields = schema_fields(schema, schema["$defs"])
    rows = {code(row[0])[0]: row[1] for row in table("Manifest")}
    assert list(rows) == list(fields)
    assert [name for name, kind in rows.items() if "default" in kind] == [
        name for name, field in fields.items() if "default" in field
    ]


def test_every_choice_and_every_bound_of_a_field_is_in_the_table() -> None:
    schema = json.loads(manifest_schema())
    fields = schema_fields(schema, schema["$defs"])
    rows = {code(row[0])[0]: " ".join(row[1:]) for row in table("Manifest")}
    numbers = {2**63: "2^63 - 1"}
    for name, field in fields.items():
        for choice in field.get("enum", []):
            assert f"`{json.dumps(choice)}`" in rows[name]
        bounds = [value for key, value in field.items() if key.startswith(("minimum", "maximum", "exclusive", "max"))]
        for bound in bounds:
            number = re.escape(numbers.get(bound, f"{bound:,}"))
            assert re.search(rf"(?<!\d)(?<!\d,){number}(?!\d|,\d)", rows[name]), name


def test_the_table_of_files_is_that_of_the_reader() -> None:
    limits = {code(row[0])[0]: row[2] for row in table("Directory")}
    expected = {
        name: f"{limit // MIB} MiB" if limit >= MIB else f"{limit // 1024} KiB" for name, limit in MAX_BYTES.items()
    }
    assert limits == expected | {f"{REPORT}...": f"{MAX_REPORT_BYTES // MIB} MiB each"}
    assert set(REQUIRED) < set(limits)
    assert f"At most {MAX_FILES:,} files are listed, of at most {MAX_TOTAL_BYTES // MIB:,} MiB in all" in TEXT


def test_the_allowed_operators_are_those_of_the_check() -> None:
    listed = section("Graphs").split("```")[1].split()
    assert listed == sorted(ALLOWED_OPERATORS)


def test_the_table_of_graphs_is_that_of_the_check() -> None:
    sizes = {"F": 1001, "Z": 1002}
    for name, signature in signatures(SampleForm((sizes["F"],)), sizes["Z"]).items():
        row = next(row for row in table("Graphs") if row[0] == f"`{name}`")
        for cell, expected in zip(row[1:], (signature.inputs, signature.outputs), strict=True):
            # A shape stands for every name before it: "`mean` [B, Z], `log_variance` [B, Z]".
            shapes = dict(re.findall(r"`(\w+)` \[B((?:, \w)*)\]", cell))
            found = {name: tuple(sizes[size] for size in shape.split(", ")[1:]) for name, shape in shapes.items()}
            assert found == expected


def test_the_array_headers_shown_are_those_that_are_read() -> None:
    shown = section("Arrays").split("```")[1].strip().splitlines()
    assert shown
    for line in shown:
        text = line.encode() + b"   \n"
        assert HEADER.fullmatch(b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text)
    assert [code(row[0])[0] for row in table("Arrays")] == GOLDEN_MEMBERS
    assert f"G is 1 to {MAX_GOLDEN_SAMPLES:,}" in TEXT


def test_the_verdicts_have_the_numbers_that_are_written() -> None:
    assert ", ".join(f"{number} `{verdict}`" for number, verdict in enumerate(Verdict)) in section("Arrays")


def test_every_error_of_a_bundle_is_named_and_no_other() -> None:
    classes = {
        name
        for name, found in vars(errors).items()
        if isinstance(found, type) and issubclass(found, errors.BundleError) and found is not errors.BundleError
    }
    assert set(re.findall(r"`(Bundle\w+Error)`", TEXT)) == classes


def test_the_page_is_about_the_version_that_is_written() -> None:
    assert TEXT.startswith(f"# Bundle format, version {FORMAT_VERSION}\n")


@pytest.mark.parametrize("path", sorted(set(re.findall(r"`((?:model|tests|docs)/[\w./]+)`", TEXT))))
def test_every_path_that_is_named_exists(path: str) -> None:
    assert (Path(__file__).parents[2] / path).exists()
