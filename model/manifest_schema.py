"""The manifest's JSON Schema: ``python -m model.manifest_schema > docs/manifest.schema.json``."""

import json
import sys

from model.manifest import Manifest


def manifest_schema() -> str:
    """Write the schema of ``manifest.json``, format version 1, as ``docs/manifest.schema.json`` holds it.

    It says less than the reader checks: no schema can compare two fields, or count a repeated key.
    """
    schema = {"$schema": "https://json-schema.org/draft/2020-12/schema", **Manifest.model_json_schema()}
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    sys.stdout.write(manifest_schema())
