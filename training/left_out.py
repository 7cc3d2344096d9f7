"""Telling the engineer what reading left out, moved or found odd."""

import logging

from training.clean_data import CleanData, Excluded
from training.data_notes import DataNotes
from training.raw_data import SENTENCES_KEPT

log = logging.getLogger("plumbline.training")


def notes_of(clean: CleanData) -> DataNotes:
    """Note what reading left out, moved or found odd."""
    return DataNotes(
        rejected_rows=clean.rejections.count,
        rejections=tuple(clean.rejections.sentences),
        missing_values=clean.missing_values,
        incomplete_rows=clean.incomplete_rows,
        reordered_rows=clean.reordered_rows,
        repeated_rows=clean.repeated_rows,
        dropped_columns=clean.dropped_columns,
        excluded_rows=len(clean.excluded.places),
        excluded_by=clean.excluded.files,
    )


def tell_left_out(notes: DataNotes) -> None:
    """Log what reading left out, moved or found odd."""
    for name, why in notes.dropped_columns.items():
        log.warning("column '%s' left out: %s", name, why)
    for name, count in notes.missing_values.items():
        log.warning("column '%s' lacks a value in %s rows", name, f"{count:,}")
    if notes.incomplete_rows:
        log.warning("%s incomplete rows left out", f"{notes.incomplete_rows:,}")
    if notes.reordered_rows:
        log.warning(
            "%s rows came later than their time and have been moved to their place", f"{notes.reordered_rows:,}"
        )
    if notes.repeated_rows:
        log.warning(
            "%s rows repeat an earlier row exactly; where copies land in training and calibration the promise is void",
            f"{notes.repeated_rows:,}",
        )
    for remark in notes.remarks:
        log.warning("%s", remark)
    if notes.rejected_rows:
        log.warning("%s rows rejected", f"{notes.rejected_rows:,}")
        for sentence in notes.rejections:
            log.warning("  %s", sentence)


def tell_excluded(excluded: Excluded) -> None:
    """Log which rows an expert had marked."""
    if excluded.places:
        log.info("%s rows left out as marked in %s", f"{len(excluded.places):,}", ", ".join(excluded.files))
        for place in excluded.places[:SENTENCES_KEPT]:
            log.info("  %s", place)
        if len(excluded.places) > SENTENCES_KEPT:
            log.info("  and %s more", f"{len(excluded.places) - SENTENCES_KEPT:,}")
