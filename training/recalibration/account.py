"""Telling the engineer what a re-calibration found and promises."""

import logging
from pathlib import Path

from training.promise_sentence import promise
from training.recalibration.parent import ParentBundle
from training.recalibration.recalibrated import Recalibrated

log = logging.getLogger("plumbline.training")


def tell_recalibration(parent: ParentBundle, done: Recalibrated) -> None:
    """Log what the new threshold stands on, what it promises, and whether it hides a change."""
    old = parent.manifest.threshold
    asset = f"asset '{done.rows.asset}': " if done.rows and done.rows.asset is not None else ""
    source = f"scores that {parent.title} holds" if done.rows is None else "new clean rows, scored by the bundle itself"
    log.info("%scalibrating on %s %s", asset, f"{done.scores.size:,}", source)
    if done.effective < done.scores.size / 2:
        log.warning(
            "%sneighbouring calibration rows repeat each other: %s rows are worth about %s independent ones; "
            "calibrate over a longer time",
            asset, f"{done.scores.size:,}", f"{done.effective:,}",
        )  # fmt: skip
    if done.rows is not None:
        still = done.rows.x.min(axis=0) == done.rows.x.max(axis=0)
        for name in (name for name, never in zip(parent.spec.names, still, strict=True) if never):
            log.warning("%s'%s' never changes in the new rows: is its sensor stuck?", asset, name)
    if done.shift is not None:
        log.info(
            "%sthe old threshold raises false alarms in %.3g of these rows (95 %% interval %.3g to %.3g), promised %.3g",
            asset, done.shift.old_rate, *done.shift.old_rate_interval, old.target_fpr,
        )  # fmt: skip
        if done.shift.warning:
            log.warning("%s%s", asset, done.shift.warning)
    log.info(
        "%sthreshold %.6g at %.3g becomes %.6g: false-alarm rate %s",
        asset, old.value, old.target_fpr, done.threshold.value, promise(done.threshold),
    )  # fmt: skip


def tell_written(bundle: Path) -> None:
    """Log where a new version lies."""
    log.info("report: %s", bundle / "report" / "index.html")
    log.info("bundle: %s", bundle)
