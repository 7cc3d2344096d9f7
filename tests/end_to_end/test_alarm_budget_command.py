"""An alarm budget through ``plumbline-train`` as a user runs it: a process, a bundle, sentences."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from scipy import stats

from model.bundle import read_bundle
from model.scorer import Scorer
from tests.samples import FEATURES, clean_rows
from training.alarm_budget import AskedBudget
from training.alarm_config import AlarmConfig
from training.annunciations import EVERY_ANOMALY, Series
from training.episodes import keep_budget
from training.inspection.model_card import model_card

UNLIKELY = 1e-4  # so seldom does chance fail a test, whatever the seed
QUICK = "[vae]\nhidden = [16, 16]\n[fit]\nsteps = 150\n[suspects]\nfolds = 0\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    lines = (",".join(f"{value:.9g}" for value in row) for row in clean_rows(1500, seed=1))
    (tmp_path / "clean.csv").write_text("\n".join((",".join(feature.name for feature in FEATURES), *lines)))
    (tmp_path / "train.toml").write_text(QUICK)
    return tmp_path


def train(folder: Path, *budget: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [
            sys.executable,
            "-m",
            "training.command",
            "clean.csv",
            "--out",
            "models/pump",
            "--config",
            "train.toml",
            *budget,
        ],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[2]), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def test_an_alarm_budget_sets_the_threshold_and_is_told_everywhere(folder: Path) -> None:
    result = train(folder, "--alarm-budget", "1 per hour", "--sampling-interval", "1 min")
    assert result.returncode == 0, result.stderr
    assert "alarm budget of 1 per hour kept with 95% confidence" in result.stderr
    bundle = read_bundle(folder / result.stdout.strip())
    budget, threshold = bundle.manifest.alarm_budget, bundle.manifest.threshold
    assert budget is not None
    assert (budget.episodes, budget.period, budget.sampling_interval) == (1, "hour", 60)
    assert budget.expected_high <= 1
    assert (bundle.calibration > threshold.value).mean() <= threshold.target_fpr
    # More than a hundred hours' alarms may show by chance, in the calibration rows and in the fresh ones; so many do not.
    rate = stats.chi2.ppf(1 - UNLIKELY, 2 * (budget.seen + 1)) / 2 / (budget.seconds / 3600)
    fresh = Series(Scorer(bundle).score(clean_rows(6000, seed=7)).score)
    assert bundle.manifest.alarm is not None
    alarms = fresh.alarms(threshold.value, bundle.manifest.alarm.rule.clear_threshold, AlarmConfig())
    assert len(alarms) <= stats.poisson.isf(UNLIKELY, 100 * rate)
    assert "Alarm budget of 1 per hour" in (folder / "models/pump/1/report/index.html").read_text()
    promised = dict(model_card(bundle).sections[0].facts)
    assert promised["Alarm budget, in episodes"].startswith("1 per hour kept with 95% confidence: ")


def test_the_budget_holds_for_a_detector_that_was_learned_in_as_many_calibration_sets_as_promised(folder: Path) -> None:
    result = train(folder)
    assert result.returncode == 0, result.stderr
    scorer = Scorer(read_bundle(folder / result.stdout.strip()))
    fresh = Series(scorer.score(clean_rows(30_000, seed=10_000)).score)
    asked, sets = AskedBudget(4, "day", 60.0), 60
    kept = [
        len(fresh.alarms_above(keep_budget(Series(scores), asked, EVERY_ANOMALY, 0.95).value, EVERY_ANOMALY))
        <= 30_000 * asked.per_sample
        for scores in scorer.score(clean_rows(sets * 1440, seed=10_001)).score.reshape(sets, 1440)
    ]
    assert sum(kept) >= stats.binom.ppf(UNLIKELY, sets, 0.95)


def test_the_alarm_rule_asked_for_is_in_the_bundle_with_what_clean_rows_made_of_it(folder: Path) -> None:
    rule = "\n[alarm]\nk = 2\nn = 3\non_delay = 2\noff_delay = 5\nhysteresis = 2.0\n"
    (folder / "train.toml").write_text(QUICK + rule)
    result = train(folder, "--alarm-budget", "1 per hour", "--sampling-interval", "1 min")
    assert result.returncode == 0, result.stderr
    told = "raised by 2 anomalies among 3 rows, for 2 rows, cleared by 5 quiet rows (score at most "
    assert f"alarms {told}" in result.stderr
    bundle = read_bundle(folder / result.stdout.strip())
    alarm, budget = bundle.manifest.alarm, bundle.manifest.alarm_budget
    assert alarm is not None
    assert budget is not None
    assert alarm.clean is not None
    assert alarm.clean.annunciations == budget.seen < alarm.clean.runs
    assert alarm.rule.clear_threshold < bundle.manifest.threshold.value
    assert told in (folder / "models/pump/1/report/index.html").read_text()
    assert dict(model_card(bundle).sections[0].facts)["Alarms of a stream"].startswith(told)


def test_a_budget_that_clean_rows_cannot_bear_out_is_refused_with_the_time_it_takes(folder: Path) -> None:
    result = train(folder, "--alarm-budget", "1 per week", "--sampling-interval", "1s")
    assert result.returncode == 3
    assert "takes 3 weeks of clean calibration data (1,811,8" in result.stderr
    assert "found 25 minutes (1,500 samples)" in result.stderr
    assert not (folder / "models").exists()


def test_a_budget_beside_a_rate_is_wrong_usage(folder: Path) -> None:
    result = train(folder, "--alarm-budget", "1 per hour", "--sampling-interval", "1 min", "--target-fpr", "0.01")
    assert result.returncode == 2
    assert "target_fpr and alarm_budget exclude each other" in result.stderr
