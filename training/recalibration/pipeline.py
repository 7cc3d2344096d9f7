"""The whole of re-calibration: open the parent, read, score, set thresholds, report, write the next version."""

from collections.abc import Sequence
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

from model.bundle import CALIBRATION, GOLDEN, calibration_npy
from model.bundle_writer import publish_next, write_bundle
from model.errors import InputError
from model.signing.signing_key import SigningKey
from model.signing.trusted_keys import TrustedKeys
from training.config import TrainingConfig
from training.left_out import notes_of, tell_left_out
from training.output import model_folder
from training.recalibration.account import tell_recalibration, tell_written
from training.recalibration.assets import asset_folders, rows_by_asset
from training.recalibration.clean_rows import ColumnRoles, read_clean_rows
from training.recalibration.manifest import manifest_maker
from training.recalibration.parent import FIRST_REPORT, TRAINING_REPORT, ParentBundle, open_parent
from training.recalibration.promise import Asked, new_promise
from training.recalibration.recalibrated import NewRows, Recalibrated, recalibrate, recalibrate_fleet
from training.report.recalibration import RecalibrationReport, render_recalibration


def recalibrate_bundle(
    path: Path,
    inputs: Sequence[str],
    asked: Asked,
    roles: ColumnRoles,
    out: Path | None,
    signing_key: SigningKey | None = None,
    trusted: TrustedKeys | None = None,
) -> list[Path]:
    """Calibrate the bundle in ``path`` anew and write the next version below ``out`` (``models/NAME``).

    Without ``inputs``, on the calibration scores that it holds; with ``roles.group``, one bundle for each asset below
    ``models/NAME-ASSET``. ``signing_key``, where there is one, signs them; where ``trusted`` keys are given, one of them
    must have signed the bundle in ``path``.

    Raises:
        InputError: data, columns or names that cannot be used, or nothing that would change.
        CalibrationError: the promise cannot be supported; nothing was written.
    """
    created_at = datetime.now(UTC)
    if roles.group is not None and not inputs:
        raise InputError("--group needs new clean data: the scores that a bundle holds do not say whose they are")
    if not inputs and not asked.anything:
        raise InputError("nothing would change: give new clean data, or another rate, rule or confidence")
    parent = open_parent(path, trusted)
    if inputs and parent.manifest.modality != "tabular":
        raise InputError(
            f"{parent.title} judges modality '{parent.manifest.modality}': new clean data are taken for rows alone; calibrate on "
            "the scores that it holds (without data), or train again"
        )
    promise = new_promise(parent.manifest, asked)
    if not inputs and promise == new_promise(parent.manifest, Asked()):
        raise InputError(f"nothing would change: {parent.title} promises this already, on the same scores")
    model = _model(parent) if out is None else out
    with ExitStack() as places:
        if not inputs:
            places.enter_context(model_folder(model))
            work = {model: recalibrate(parent, promise, None)}
        else:
            clean = read_clean_rows(inputs, parent, roles)
            tell_left_out(notes_of(clean))
            if roles.group is None or clean.group is None:
                places.enter_context(model_folder(model))
                work = {model: recalibrate(parent, promise, NewRows.whole(clean))}
            else:
                fleet = {asset: NewRows.of(clean, rows, asset) for asset, rows in rows_by_asset(clean.group).items()}
                folders = asset_folders(model, fleet, parent)
                for folder in folders.values():
                    places.enter_context(model_folder(folder))
                done = recalibrate_fleet(parent, promise, fleet)
                work = {folders[asset]: of for asset, of in done.items()}
        for of in work.values():
            tell_recalibration(parent, of)
        return [_publish(folder, parent, of, promise, created_at, signing_key) for folder, of in work.items()]


def _model(parent: ParentBundle) -> Path:
    model = parent.path.resolve().parent
    if model.name != parent.manifest.name:
        raise InputError(
            f"{parent.path}: lies in '{model.name}', not below a directory with its model's name "
            f"'{parent.manifest.name}', so where the next version goes is not known; give --out models/NAME"
        )
    return parent.path.parent if parent.path.parent.name == model.name else model


def _publish(
    folder: Path,
    parent: ParentBundle,
    done: Recalibrated,
    promise: TrainingConfig,
    created_at: datetime,
    signing_key: SigningKey | None,
) -> Path:
    files = {**parent.files, CALIBRATION: calibration_npy(done.scores), GOLDEN: done.golden.to_npz()}
    if parent.training_report is not None:
        files[TRAINING_REPORT] = parent.training_report

    def publish(version: int) -> Path:
        make_manifest = manifest_maker(folder.name, version, created_at, parent, done)
        report = RecalibrationReport(make_manifest({}), parent, done, promise)
        return write_bundle(folder, make_manifest, {**files, FIRST_REPORT: render_recalibration(report)}, signing_key)

    bundle = publish_next(folder, publish)
    tell_written(bundle)
    return bundle
