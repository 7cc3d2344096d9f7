"""The page of a re-calibrated bundle says what its threshold is, what it was, and what is not known."""

import html
import re
from datetime import UTC, datetime
from functools import cache

import numpy as np

from model.features import FeatureSpec
from tests.golden.bundle import GOLDEN_BUNDLE
from tests.samples import FEATURES, clean_rows
from training.clean_data import CleanData
from training.raw_data import Rejections
from training.recalibration.manifest import manifest_maker
from training.recalibration.parent import ParentBundle, open_parent
from training.recalibration.promise import Asked, new_promise
from training.recalibration.recalibrated import NewRows, recalibrate
from training.report.recalibration import RecalibrationReport, render_recalibration
from training.report.typography import quantity

HOSTILE = "<script>alert(1)</script>"


@cache
def parent() -> ParentBundle:
    return open_parent(GOLDEN_BUNDLE)


def new_rows(count: int = 400, source: str = "new.csv") -> NewRows:
    x = clean_rows(count, seed=21)
    place = tuple(f"{source} row {row + 1}" for row in range(count))
    clean = CleanData(
        FeatureSpec(features=FEATURES), x, place, None, "sha256:" + "1" * 64, (source,), Rejections(), {}, 0, {}, 0, 0
    )
    return NewRows.whole(clean)


def page(rows: NewRows | None, target_fpr: float | None = None) -> str:
    promise = new_promise(parent().manifest, Asked(target_fpr))
    done = recalibrate(parent(), promise, rows)
    manifest = manifest_maker("pump", 2, datetime(2026, 1, 1, tzinfo=UTC), parent(), done)({})
    return render_recalibration(RecalibrationReport(manifest, parent(), done, promise)).decode()


def words(rendered: str) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", rendered)).split())


def test_both_thresholds_and_both_rates_are_shown() -> None:
    shown = words(page(None, target_fpr=0.05))
    old = parent().manifest.threshold
    new = np.quantile(parent().scores, 0.95)
    assert f"Threshold before {quantity(old.value, 4)} ≤ 1 % promised, 95 % confidence" in shown
    assert "False alarms, promised ≤ 5 %" in shown
    assert new < old.value


def test_without_new_data_nothing_is_said_of_how_the_old_threshold_does_now() -> None:
    shown = words(page(None, target_fpr=0.05))
    assert "False alarms it would raise now \N{EN DASH} no new clean data given" in shown
    assert "Another promise on the same clean data." in shown


def test_new_data_like_the_old_are_called_so_and_tested_at_the_old_threshold() -> None:
    shown = words(page(new_rows()))
    assert "95 % interval 0 % to" in shown
    assert "The new clean rows that score highest" in shown


def test_every_link_within_the_page_leads_somewhere_and_nothing_is_loaded() -> None:
    for rendered in (page(None, target_fpr=0.05), page(new_rows())):
        anchors = set(re.findall(r'<a href="#([^"]*)"', rendered))
        assert anchors
        assert anchors <= set(re.findall(r' id="([^"]*)"', rendered))
        assert not re.findall(r"(?:src|href)=\"https?:", rendered)


def test_what_files_are_called_is_text_and_no_markup() -> None:
    rendered = page(new_rows(source=HOSTILE))
    assert HOSTILE not in rendered
    assert html.escape(HOSTILE) in rendered
