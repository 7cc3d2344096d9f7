"""A fleet of like machines: which rows belong to which, and under which model's name each is calibrated."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from model.bundle import MANIFEST, MAX_BYTES
from model.bundle_files import read_bounded
from model.bundle_writer import next_version
from model.errors import BundleError, InputError
from model.manifest import parse_manifest
from model.quoting import quoted
from training.output import MODEL_NAME
from training.recalibration.parent import ParentBundle


def rows_by_asset(group: NDArray[np.str_]) -> dict[str, NDArray[np.intp]]:
    """Find each asset's rows in ``group`` [N], assets in the order in which they first appear."""
    names, first = np.unique(group, return_index=True)
    return {str(names[at]): np.flatnonzero(group == names[at]) for at in np.argsort(first)}


def asset_folders(model: Path, assets: Mapping[str, object], parent: ParentBundle) -> dict[str, Path]:
    """Give each asset the folder of its own model beside ``models/NAME``: ``models/NAME-ASSET``.

    Raises:
        InputError: an asset's name cannot be part of a model's, two of them come to the same name, or a folder holds
            a model that was not calibrated from this one.
    """
    folders: dict[str, Path] = {}
    taken: dict[str, str] = {}
    for asset in assets:
        name = f"{model.name}-{asset}"
        if not MODEL_NAME.fullmatch(name):
            raise InputError(
                f"asset {quoted(asset)} would make a model named {quoted(name)}; a name is 1 to 100 letters, digits, "
                "dots, dashes and underscores: rename the asset in the data"
            )
        other = taken.setdefault(name.lower(), asset)
        if other != asset:
            raise InputError(
                f"assets {quoted(other)} and {quoted(asset)} differ in capitals alone, and not every file system tells "
                "such names apart: rename one of them in the data"
            )
        folders[asset] = model.with_name(name)
        _refuse_stranger(folders[asset], parent)
    return folders


def _refuse_stranger(folder: Path, parent: ParentBundle) -> None:
    newest = next_version(folder) - 1
    if newest == 0:
        return
    file = folder / str(newest) / MANIFEST
    try:
        manifest = parse_manifest(read_bounded(file, MAX_BYTES[MANIFEST]), str(file))
    except BundleError as error:
        raise InputError(
            f"{folder}: its newest version cannot be read, so whose model it is is not known: {error}"
        ) from error
    if manifest.parent is None or manifest.parent.name not in (parent.manifest.name, folder.name):
        raise InputError(
            f"{folder}: holds a model that was not calibrated from {parent.manifest.name}; "
            "give another place with --out, or rename the asset in the data"
        )
