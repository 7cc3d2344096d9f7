"""New clean data for a detector that is there: read and screened as for training, by the detector's own features."""

from collections.abc import Sequence
from dataclasses import dataclass

from model.errors import InputError
from model.quoting import quoted, quoted_list
from model.tables.sources import resolve_sources
from model.tables.table import column_names
from training.clean_data import CleanData, in_time_order, screen_rows
from training.raw_data import Columns, read_table
from training.recalibration.parent import ParentBundle


@dataclass(frozen=True)
class ColumnRoles:
    """Which columns mean what, where training was told otherwise or nothing; ``ignore`` adds to what it was told."""

    time: str | None = None
    group: str | None = None
    ignore: tuple[str, ...] = ()


def read_clean_rows(inputs: Sequence[str], parent: ParentBundle, roles: ColumnRoles) -> CleanData:
    """Read complete clean rows [N, F] in time order, with the features of ``parent`` by name and in its order.

    Raises:
        InputError: data that cannot be used, a column that nothing is known of, or the data that ``parent`` learned from.
    """
    told, names = parent.columns, parent.spec.names
    present = [column_names(source) for source in resolve_sources(inputs)]
    taken = next((name for name in (roles.time, roles.group, *roles.ignore) if name in names), None)
    if taken is not None:
        raise InputError(
            f"{quoted(taken)} is a feature of {parent.title}, so it is neither time, group nor to be ignored"
        )
    # A group that only placed rows in the split is not missed; one that was asked for now must be there.
    grouped = roles.group or (told.group if all(told.group in columns for columns in present) else None)
    columns = Columns(features=names, time=roles.time or told.time, group=grouped)
    known = {*names, *told.ignore, *roles.ignore, told.time, told.group, columns.time, columns.group}
    for source, found in zip(resolve_sources(inputs), present, strict=True):
        absent = sorted(set(roles.ignore) - set(found))
        if absent:
            raise InputError(f"{source.name}: no column '{absent[0]}' to ignore; the columns are {', '.join(found)}")
        unknown = [name for name in found if name not in known]
        if unknown:
            raise InputError(
                f"{source.name}: {quoted_list(unknown)} {'is' if len(unknown) == 1 else 'are'} no feature of {parent.title}, "
                "and training was not told to ignore such a column; name it with --ignore"
            )
    raw = read_table(inputs, columns)
    if raw.fingerprint() == parent.manifest.training.data_fingerprint:
        raise InputError(
            f"{', '.join(inputs)}: {parent.title} was trained on this very data, and scores of training rows promise "
            "nothing; give clean data that it has not seen, or none to use the calibration scores that it holds"
        )
    raw, reordered = in_time_order(raw)
    return screen_rows(raw, parent.spec, {}, reordered)
