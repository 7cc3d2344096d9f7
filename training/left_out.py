"""Telling the engineer what reading left out, moved or found odd."""

import logging

from training.clean_data import CleanData
from training.raw_data import SENTENCES_KEPT

log = logging.getLogger("plumbline.training")


def tell_left_out(clean: CleanData) -> None:
    """Log what reading left out, moved or found odd."""
    for name, why in clean.dropped_columns.items():
        log.warning("column '%s' left out: %s", name, why)
    for name, count in clean.missing_values.items():
        log.warning("column '%s' lacks a value in %s rows", name, f"{count:,}")
    if clean.incomplete_rows:
        log.warning("%s incomplete rows left out", f"{clean.incomplete_rows:,}")
    if clean.reordered_rows:
        log.warning(
            "%s rows came later than their time and have been moved to their place", f"{clean.reordered_rows:,}"
        )
    if clean.repeated_rows:
        log.warning(
            "%s rows repeat an earlier row exactly; where copies land in training and calibration the promise is void",
            f"{clean.repeated_rows:,}",
        )
    if clean.rejections.count:
        log.warning("%s rows rejected", f"{clean.rejections.count:,}")
        for sentence in clean.rejections.sentences:
            log.warning("  %s", sentence)
    if clean.excluded.places:
        log.info("%s rows left out as marked in %s", f"{len(clean.excluded.places):,}", ", ".join(clean.excluded.files))
        for place in clean.excluded.places[:SENTENCES_KEPT]:
            log.info("  %s", place)
        if len(clean.excluded.places) > SENTENCES_KEPT:
            log.info("  and %s more", f"{len(clean.excluded.places) - SENTENCES_KEPT:,}")
