"""Manifests that are no strict JSON, or JSON that says what a manifest may not say."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from model.bundle import MAX_BYTES, read_bundle
from model.errors import BundleError, BundleFormatVersionError, BundleManifestError
from tests.attacks.refusal import assert_refused
from tests.attacks.sealing import forged_manifest, replace_in_manifest

Attack = Callable[[Path], None]
Change = Callable[[dict[str, Any]], object]


def put_manifest(bundle: Path, raw: bytes) -> None:
    (bundle / "manifest.json").write_bytes(raw)


TEXTS = {
    "empty": b"",
    "only spaces": b"   \n",
    "not UTF-8": b'{"format_version": 1, "name": "\xff"}',
    "UTF-16": '{"format_version": 1}'.encode("utf-16"),
    "byte order mark": b'\xef\xbb\xbf{"format_version": 1}',
    "null": b"null",
    "a list": b"[]",
    "a string": b'"format_version"',
    "a number": b"1",
    "two objects": b'{"format_version": 1}{"format_version": 1}',
    "not closed": b'{"format_version": 1',
    "a comment": b'{"format_version": 1 /* one */}',
    "a trailing comma": b'{"format_version": 1,}',
    "single quotes": b"{'format_version': 1}",
    "YAML": b"format_version: 1\n",
    "a pickle": b"cos\nsystem\n(S'true'\ntR.",
    "NUL bytes": b"\0" * 100,
    "nested lists": b'{"format_version": 1, "name": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    "nested objects": b'{"format_version": 1, "name": ' + b'{"a":' * 100_000 + b"1" + b"}" * 100_000 + b"}",
    "nested, half as deep as Python reads": b'{"format_version": 1, "name": ' + b"[" * 400 + b"]" * 400 + b"}",
    "not closed and nested": b"[" * (MAX_BYTES["manifest.json"] - 1),
    "an integer of many digits": b'{"format_version": ' + b"9" * 1_000_000 + b"}",
    "a string of the largest size": b'{"format_version": "' + b"x" * (MAX_BYTES["manifest.json"] - 30) + b'"}',
    "a raw newline in a string": b'{"format_version": 1, "name": "a\nb"}',
    "a lone surrogate": rb'{"format_version": 1, "name": "\ud800"}',
    "as many keys as fit, the last repeated": b'{"format_version":1'
    + b"".join(b',"%x":0' % key for key in range(350_000))
    + b',"55555":0}',
}


@pytest.mark.parametrize("raw", TEXTS.values(), ids=TEXTS.keys())
def test_what_is_no_manifest_is_refused(bundle: Path, raw: bytes) -> None:
    put_manifest(bundle, raw)
    assert_refused(bundle, BundleManifestError, "manifest.json")


LITERALS = ["NaN", "Infinity", "-Infinity", "1e999", "-1e999", "01", "+1", ".5", "0x1f", "1_000", "True", "undefined"]


@pytest.mark.parametrize("literal", LITERALS)
@pytest.mark.parametrize("section", ["metrics", "config"])
def test_a_number_that_json_does_not_have_is_refused(bundle: Path, section: str, literal: str) -> None:
    with forged_manifest(bundle) as manifest:
        manifest["training"][section]["@"] = "@"
    replace_in_manifest(bundle, '"@": "@"', f'"@": {literal}')
    assert_refused(bundle, BundleManifestError, "manifest.json")


REPEATED = {
    "at the top": ((), '"version": 1'),
    "at the top, escaped": ((), r'"\u0076ersion": 1'),
    "nested": (("training",), '"seed": 0'),
    "among the files": (("files",), '"encoder.onnx": {"sha256": "' + "0" * 64 + '", "bytes": 1}'),
    "that writes on terminals": ((), r'"\u001b[2J\n": 1, "\u001b[2J\n": 1'),
}


@pytest.mark.parametrize(("section", "pair"), REPEATED.values(), ids=REPEATED.keys())
def test_a_repeated_key_is_refused(bundle: Path, section: tuple[str, ...], pair: str) -> None:
    with forged_manifest(bundle) as manifest:
        place = manifest[section[0]] if section else manifest
        place["@"] = "@"
    replace_in_manifest(bundle, '"@": "@"', pair)
    assert_refused(bundle, BundleManifestError, "manifest.json", "repeated")


def test_a_key_that_writes_on_terminals_is_quoted(bundle: Path) -> None:
    with forged_manifest(bundle) as manifest:
        manifest["\x1b[2J\nroot: all is well"] = 1
    assert_refused(bundle, BundleManifestError, "manifest.json", r"\x1b[2J\nroot")


@pytest.mark.parametrize("version", [2, 3, 10**12, 10**4000, 0, -1])
def test_an_unknown_format_version_is_refused(bundle: Path, version: int) -> None:
    with forged_manifest(bundle) as manifest:
        manifest["format_version"] = version
        manifest["a field that only that version has"] = {}
    assert_refused(bundle, BundleFormatVersionError, "manifest.json", "format version")


@pytest.mark.parametrize("version", ["1", 1.0, 1.5, None, True, [1], {"major": 1}, "x" * 10_000], ids=repr)
def test_a_format_version_that_is_no_integer_is_refused(bundle: Path, version: object) -> None:
    with forged_manifest(bundle) as manifest:
        manifest["format_version"] = version
    assert_refused(bundle, BundleManifestError, "manifest.json", "format_version")


def test_a_format_version_that_is_missing_is_refused(bundle: Path) -> None:
    with forged_manifest(bundle) as manifest:
        del manifest["format_version"]
    assert_refused(bundle, BundleManifestError, "manifest.json", "format_version")


def set_in(*path: str | int, to: object) -> Change:
    def change(manifest: dict[str, Any]) -> None:
        *parents, last = path
        place: Any = manifest
        for key in parents:
            place = place[key]
        place[last] = to

    return change


def review(**changed: object) -> Change:
    def change(manifest: dict[str, Any]) -> None:
        looser = {"value": manifest["threshold"]["value"] / 2, "target_fpr": 0.2}
        manifest["review_threshold"] = manifest["threshold"] | looser | changed

    return change


def certified(**changed: object) -> Change:
    def change(manifest: dict[str, Any]) -> None:
        limit = {"feature": "flow", "kind": "bias", "limit": 2.5, "tried": 400.0, "found": 0.93, "named_first": 1.0}
        certificate = {"share": 0.9, "confidence": 0.95, "rows": 300, "largest": 64.0, "limits": [limit | changed]}
        manifest["detectability"] = certificate

    return change


FIELDS: dict[str, tuple[Change, str]] = {
    "an extra field": (set_in("extra", to=1), "'extra'"),
    "an extra field of a feature": (set_in("features", 0, "scale", to=2.0), "'features.0.scale'"),
    "an extra field of the threshold": (set_in("threshold", "note", to="x"), "'threshold.note'"),
    "an extra field of the graphs": (set_in("graphs", "provider", to="cuda"), "'graphs.provider'"),
    "an extra field of the training": (set_in("training", "host", to="x"), "'training.host'"),
    "an extra field of a file": (set_in("files", "encoder.onnx", "url", to="https://x"), "'files.encoder.onnx.url'"),
    "a name with a slash": (set_in("name", to="../pump"), "'name'"),
    "a name with a newline": (set_in("name", to="pump\n"), "'name'"),
    "a name that begins with a dot": (set_in("name", to=".pump"), "'name'"),
    "an empty name": (set_in("name", to=""), "'name'"),
    "a very long name": (set_in("name", to="x" * 1_000_000), "'name'"),
    "version zero": (set_in("version", to=0), "'version'"),
    "a version in words": (set_in("version", to="1"), "'version'"),
    "a version that is true": (set_in("version", to=True), "'version'"),
    "a version of a hundred digits": (set_in("version", to=10**100), "'version'"),
    "another modality": (set_in("modality", to="sound"), "'modality'"),
    "another score": (set_in("score", to="exec"), "'score'"),
    "no features": (set_in("features", to=[]), "'features'"),
    "too many features": (set_in("features", to=[{"name": f"f{i}"} for i in range(4097)]), "'features'"),
    "features twice": (set_in("features", 1, "name", to="pressure"), "pressure"),
    "a feature without a name": (set_in("features", 0, "name", to=""), "'features.0.name'"),
    "a feature that writes on terminals": (set_in("features", 0, "name", to="\x1b[2J"), "'features.0.name'"),
    "a feature of two lines": (set_in("features", 0, "name", to="a\u2028b"), "'features.0.name'"),
    "a unit of two lines": (set_in("features", 0, "unit", to="bar\nerror"), "'features.0.unit'"),
    "a range upside down": (set_in("features", 0, "low", to=21.0), "pressure"),
    "a range in words": (set_in("features", 0, "low", to="0"), "'features.0.low'"),
    "a negative threshold": (set_in("threshold", "value", to=-1.0), "'threshold.value'"),
    "no threshold": (set_in("threshold", to=None), "'threshold'"),
    "a threshold in words": (set_in("threshold", "value", to="26"), "'threshold.value'"),
    "a rate of one": (set_in("threshold", "target_fpr", to=1.0), "'threshold.target_fpr'"),
    "a rate of zero": (set_in("threshold", "target_fpr", to=0.0), "'threshold.target_fpr'"),
    "an unknown rule": (set_in("threshold", "rule", to="guess"), "'threshold.rule'"),
    "a tolerance rule without confidence": (set_in("threshold", "confidence", to=None), "'threshold'"),
    "a conformal rule with confidence": (set_in("threshold", "rule", to="conformal"), "'threshold'"),
    "a review threshold above the threshold": (review(value=1e9), "review_threshold"),
    "a review threshold of a stricter rate": (review(target_fpr=1e-4), "review_threshold"),
    "a review threshold from other scores": (review(calibration_count=7), "review_threshold"),
    "a certificate for no feature of the bundle": (certified(feature="\x1b[2J"), r"'\x1b[2J'"),
    "a certificate for an unknown kind of fault": (certified(kind="leak"), "'detectability.limits.0.kind'"),
    "a certificate for a fault larger than any tried": (certified(limit=401.0), "'detectability.limits.0'"),
    "a certificate of more than all faults": (certified(found=1.1), "'detectability.limits.0.found'"),
    "a certificate that says more": (certified(note="x"), "'detectability.limits.0.note'"),
    "another detector": (set_in("detector", to="forest"), "'detector'"),
    "a detector without a latent that has one": (
        set_in("detector", to="mahalanobis"),
        "graphs.latent_size must be null",
    ),
    "a latent that is null": (set_in("graphs", "latent_size", to=None), "graphs.latent_size must be null"),
    "a distance for a score": (set_in("score", to="distance"), "score must be 'distance' for detector knn"),
    "another precision": (set_in("graphs", "precision", to="int8"), "'graphs.precision'"),
    "no latent": (set_in("graphs", "latent_size", to=0), "'graphs.latent_size'"),
    "a latent of any size": (set_in("graphs", "latent_size", to=10**9), "'graphs.latent_size'"),
    "a tolerance that forgives everything": (set_in("graphs", "score_rtol", to=1e9), "'graphs.score_rtol'"),
    "a tolerance of zero": (set_in("graphs", "score_rtol", to=0.0), "'graphs.score_rtol'"),
    "a seed of a thousand digits": (set_in("training", "seed", to=10**1000), "'training.seed'"),
    "a digest that is none": (set_in("files", "encoder.onnx", "sha256", to="0" * 63), "sha256"),
    "a digest in capitals": (set_in("files", "encoder.onnx", "sha256", to="A" * 64), "sha256"),
    "a negative size": (set_in("files", "encoder.onnx", "bytes", to=-1), "bytes"),
    "a size with a fraction": (set_in("files", "encoder.onnx", "bytes", to=3.5), "bytes"),
    "files as a list": (set_in("files", to=[]), "'files'"),
    "no training": (set_in("training", to=None), "'training'"),
}


@pytest.mark.parametrize(("change", "named"), FIELDS.values(), ids=FIELDS.keys())
def test_a_field_that_says_what_it_may_not_is_refused(bundle: Path, change: Change, named: str) -> None:
    with forged_manifest(bundle) as manifest:
        change(manifest)
    assert_refused(bundle, BundleManifestError, "manifest.json", named)


def test_a_certificate_is_read_as_it_is_written(bundle: Path) -> None:
    with forged_manifest(bundle) as manifest:
        certified()(manifest)
    certificate = read_bundle(bundle).manifest.detectability
    assert certificate is not None
    assert certificate.spreads(certificate.of("bias")[0]) == pytest.approx(0.4)


def every_field(fields: Any, *above: str | int) -> list[tuple[str | int, ...]]:
    keys = fields if isinstance(fields, dict) else range(len(fields)) if isinstance(fields, list) else ()
    return [place for key in keys for place in ((*above, key), *every_field(fields[key], *above, key))]


def test_a_field_that_is_missing_is_refused(bundle: Path) -> None:
    """Those with a default may be absent and mean it; nothing else may."""
    original = (bundle / "manifest.json").read_bytes()
    optional = {
        "alarm",
        "alarm_budget",
        "backbone",
        "calibration_fingerprint",
        "detectability",
        "detector",
        "effective_count",
        "explanation",
        "half_width",
        "most_absent",
        "high",
        "image",
        "low",
        "method",
        "parent",
        "review_threshold",
        "unit",
        "window",
    }
    free = {"config", "libraries", "rows", "metrics"}
    named = [place for place in every_field(json.loads(original)) if isinstance(place[-1], str)]
    required = [place for place in named if place[-1] not in optional and not free & set(place[:-1])]
    assert ("files", "encoder.onnx", "sha256") in required
    for *above, last in required:
        fields = json.loads(original)
        place: Any = fields
        for key in above:
            place = place[key]
        del place[last]
        put_manifest(bundle, json.dumps(fields).encode())
        # A file that is not listed is missing or unlisted; the rest is the manifest's own fault.
        with pytest.raises(BundleError if above == ["files"] else BundleManifestError):
            read_bundle(bundle)
