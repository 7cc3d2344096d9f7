"""Everything that can be asked of a bundle without the data it was trained on, in the order in which it is trusted."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from model.bundle import (
    MANIFEST,
    Bundle,
    assemble,
    check_graphs,
    digest_of,
    read_files,
    read_manifest,
    read_raw_manifest,
)
from model.bundle_writer import VERSION
from model.errors import BundleError, InputError
from model.inference import RUNTIME_ERRORS
from model.manifest import Manifest
from model.quoting import quoted
from model.scorer import Scorer
from model.signing.check import check_signature, read_signature
from model.signing.signature import Signature
from model.verification.check import Check, Outcome
from model.verification.graph_checks import check_batches, check_golden, check_parity
from model.verification.promise_check import check_threshold

if TYPE_CHECKING:  # cryptography: not where no signature is asked for
    from model.signing.trusted_keys import TrustedKeys

READING = ("signature", "manifest", "files", "graphs", "arrays")
ANSWERING: dict[str, Callable[[Bundle, Scorer], Check]] = {
    "golden samples": check_golden,
    "batches": check_batches,
    "parity": check_parity,
}
THRESHOLD, REVIEW_THRESHOLD = "threshold", "review threshold"


@dataclass(frozen=True)
class Verification:
    """What was found of the bundle at ``path``; ``manifest`` and ``digest`` where they could be read."""

    path: Path
    manifest: Manifest | None
    digest: str | None
    checks: tuple[Check, ...]

    @property
    def passed(self) -> bool:
        return all(check.outcome in (Outcome.PASSED, Outcome.NOT_APPLICABLE) for check in self.checks)


def verify_bundle(path: Path, trusted: "TrustedKeys | None" = None) -> Verification:
    """Verify the bundle in directory ``path``: who signed it, what it consists of, what it answers, what it promises.

    Without ``trusted`` keys, a signature is told of and not checked.

    Raises:
        InputError: there is no bundle, good or bad.
        OSError: the disk or its permissions do not let it be read.
    """
    _require_bundle(path)
    checks: list[Check] = []
    manifest: Manifest | None = None
    digest: str | None = None

    def passed(told: str) -> None:
        checks.append(Check(stage, Outcome.PASSED, told))

    stage = "manifest"
    try:
        raw = read_raw_manifest(path)
        stage = "signature"
        signature = read_signature(path)
        signed_by = check_signature(path, raw, signature, trusted)
        checks.append(_signature_check(signature, signed_by))
        stage = "manifest"
        manifest, digest = read_manifest(path, raw), digest_of(raw)
        passed(f"format version {manifest.format_version}, {len(manifest.features):,} features")
        stage = "files"
        content = read_files(path, manifest)
        size = sum(entry.bytes for entry in manifest.files.values())
        passed(f"{len(manifest.files)} files, {size:,} bytes, as the manifest vouches for (SHA-256)")
        stage = "graphs"
        check_graphs(path, manifest, content)
        passed("nothing but arithmetic, weights inside, inputs and outputs fit the features")
        stage = "arrays"
        bundle = assemble(path, manifest, digest, signed_by, content)
        passed(f"{bundle.calibration.size:,} calibration scores, {len(bundle.golden.samples):,} golden samples")
    except BundleError as error:
        checks.append(Check(stage, Outcome.FAILED, str(error)))
        every, asked = (*READING, *ANSWERING, THRESHOLD), {check.name for check in checks}
        left = [name for name in every if name not in asked]
        checks += [Check(name, Outcome.NOT_RUN, "nothing is used that was not verified") for name in left]
        checks.sort(key=lambda check: every.index(check.name))
    else:
        checks += _answers(bundle)
        checks += _promises(bundle)
    return Verification(path, manifest, digest, tuple(checks))


def _require_bundle(path: Path) -> None:
    if not path.is_dir():
        found = "a file" if path.exists() else "nothing"
        raise InputError(f"{path}: expected a bundle directory, models/NAME/VERSION, found {found}")
    manifest = path / MANIFEST
    if not (manifest.exists() or manifest.is_symlink()):  # a link that leads nowhere is a bad bundle, not none
        versions = sorted(int(entry.name) for entry in path.iterdir() if VERSION.fullmatch(entry.name))
        hint = f"; it holds versions, name one: {path / str(versions[-1])}" if versions else ""
        raise InputError(f"{path}: expected a bundle directory, models/NAME/VERSION, found no {MANIFEST} in it{hint}")


def _signature_check(signature: Signature | None, signed_by: str | None) -> Check:
    if signed_by is not None:
        return Check("signature", Outcome.PASSED, f"that of trusted key {signed_by}, over this manifest")
    told = "there is none" if signature is None else f"said to be that of key {signature.key_id}, not checked"
    return Check("signature", Outcome.NOT_APPLICABLE, f"{told}; no --trusted-keys are given")


def _answers(bundle: Bundle) -> list[Check]:
    try:
        scorer = Scorer(bundle)
    except BundleError as error:
        return [Check(name, Outcome.FAILED, str(error)) for name in ANSWERING]
    found = []
    for name, check in ANSWERING.items():
        try:
            found.append(check(bundle, scorer))
        except BundleError as error:
            found.append(Check(name, Outcome.FAILED, str(error)))
        except RUNTIME_ERRORS as error:
            found.append(Check(name, Outcome.FAILED, f"ONNX Runtime cannot run it: {quoted(str(error))}"))
    return found


def _promises(bundle: Bundle) -> list[Check]:
    threshold, review = bundle.manifest.threshold, bundle.manifest.review_threshold
    found = [check_threshold(THRESHOLD, threshold, bundle.calibration)]
    return found if review is None else [*found, check_threshold(REVIEW_THRESHOLD, review, bundle.calibration)]
