"""What the figures mean, in plain sentences, and what an engineer should look at before trusting them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from model.threshold import Threshold
from training.evaluate import Evaluation
from training.history import TrainingHistory
from training.report.feature_residuals import ResidualTable
from training.report.typography import NO_BREAK, count, elided, percent, quantity

# bad: do not rely on it. caution: look into it. note: worth knowing. good: as it should be.
Tone = Literal["bad", "caution", "note", "good"]
TONES: tuple[Tone, ...] = get_args(Tone)

HARDLY_BETTER_THAN_CHANCE = 0.6  # AUROC
FEW_FOUND = 0.5  # detection rate
STILL_IMPROVING = 0.05  # share of the epochs at the end: a best epoch among them was not the last to come
NOTABLE_LOSS = 0.01  # share of unusable rows
NAMED = 5


@dataclass(frozen=True)
class Finding:
    """One sentence to read first, what follows from it, and the section (its anchor) that shows it."""

    tone: Tone
    headline: str
    detail: str = ""
    section: str = ""


def verdict(threshold: Threshold, evaluation: Evaluation | None) -> tuple[Finding, ...]:
    """Say whether the promise was kept on further clean data and, where faults were labelled, how many are found."""
    if evaluation is None or evaluation.anomalous_rows == 0:
        return (_promise_kept(threshold, evaluation),)
    return _promise_kept(threshold, evaluation), _faults_found(evaluation)


def worst(findings: Sequence[Finding]) -> Tone:
    return min((finding.tone for finding in findings), key=TONES.index)


def _promise_kept(threshold: Threshold, evaluation: Evaluation | None) -> Finding:
    if evaluation is None or evaluation.clean_rows == 0:
        return Finding(
            "note",
            "Its false-alarm promise has not been tested on further clean data.",
            "The promise rests on the calibration samples alone. Test it on newer clean data before you rely on it.",
        )
    detail = (
        f"{count(evaluation.false_alarms)} of {count(evaluation.clean_rows, 'further clean sample')} raised an alarm: "
        f"{_rate(evaluation.false_alarm_rate, evaluation.false_alarm_interval)}. "
        f"At most {percent(threshold.target_fpr)} was promised."
    )
    if evaluation.false_alarm_rate <= threshold.target_fpr:
        return Finding("good", "It kept its false-alarm promise.", detail)
    if evaluation.false_alarm_interval[0] <= threshold.target_fpr:
        return Finding(
            "caution", "It raised slightly more false alarms than promised, within what chance allows.", detail
        )
    why = (
        " These samples differ from those the threshold was set on. Find out why (drift, another operating mode, faults "
        "labelled clean) before you use it."
    )
    return Finding("bad", "It broke its false-alarm promise.", detail + why)


def _faults_found(evaluation: Evaluation) -> Finding:
    detail = (
        f"{count(evaluation.detected)} of {count(evaluation.anomalous_rows, 'faulty sample')} raised an alarm: "
        f"{_rate(evaluation.detection_rate, evaluation.detection_interval)}."
    )
    if evaluation.auroc is not None and evaluation.auroc < HARDLY_BETTER_THAN_CHANCE:
        return Finding("bad", "Its scores hardly tell faulty samples from clean ones.", detail)
    headline = f"It found {percent(evaluation.detection_rate)} of the faulty samples."
    return Finding("caution" if evaluation.detection_rate < FEW_FOUND else "good", headline, detail)


def _rate(rate: float, interval: tuple[float, float]) -> str:
    return f"{percent(rate)} (95{NO_BREAK}% interval {percent(interval[0])} to {percent(interval[1])})"


def check_training(history: TrainingHistory) -> Finding:
    """Say whether the fit came to rest."""
    epochs = history.epochs
    kept = f"{count(len(epochs), 'epoch')}, {history.stop_reason}; the weights of epoch {history.best_epoch} are kept."
    skipped = sum(record.skipped_steps for record in epochs)
    if skipped:
        return Finding(
            "caution",
            f"{count(skipped, 'optimiser step')} had to be skipped.",
            f"The loss or its gradient was not finite. {kept}",
            "training",
        )
    if len(epochs) - history.best_epoch < STILL_IMPROVING * len(epochs):
        return Finding("note", "The fit was still improving when it ended.", f"{kept} More steps may help.", "training")
    return Finding("good", "The fit came to rest.", kept, "training")


def check_residuals(table: ResidualTable) -> Finding:
    """Say which features the model cannot explain from the others."""
    if table.biased:
        headline = f"Expectations of {count(len(table.biased), 'feature')} are off centre on calibration data."
        detail = f"{_listed(table.biased)}: clean values have moved since training, or the fit is poor there."
        return Finding("caution", headline, detail, "residuals")
    if table.unexplained:
        verb = "is" if len(table.unexplained) == 1 else "are"
        headline = f"{count(len(table.unexplained))} of {count(table.total, 'feature')} {verb} hardly explained."
        detail = (
            f"{_listed(table.unexplained)}: expected near the mean whatever happens, so only a large fault shows there."
        )
        return Finding("note", headline, detail, "residuals")
    return Finding("good", "Every feature is explained at least in part.", section="residuals")


def check_data(rejected_rows: int, incomplete_rows: int, kept_rows: int) -> Finding:
    """Say how much of the data was left out."""
    left_out = rejected_rows + incomplete_rows
    if left_out == 0:
        return Finding("good", "Every row of the data could be used.", section="data")
    share = left_out / (left_out + kept_rows)
    return Finding(
        "caution" if share > NOTABLE_LOSS else "note",
        f"{count(left_out, 'row')} of the data ({percent(share)}) could not be used.",
        f"{count(rejected_rows)} rejected, {count(incomplete_rows)} with missing values.",
        "data",
    )


def check_suspects(beyond_chance: int, by_chance: float, looked_at: int) -> Finding:
    """Say how many clean rows look less clean than chance would have it."""
    if not beyond_chance:
        return Finding("good", "No clean row stands out beyond what chance would bring.", section="suspects")
    return Finding(
        "caution" if beyond_chance - by_chance > NOTABLE_LOSS * looked_at else "note",
        f"{count(beyond_chance, 'clean row')} of {count(looked_at)} {'looks' if beyond_chance == 1 else 'look'} out of place.",
        f"About {quantity(by_chance, 2)} would by chance. Anomalies among clean rows cost detections: have an expert look at them.",
        "suspects",
    )


def _listed(names: Sequence[str]) -> str:
    more = f" and {count(len(names) - NAMED)} more" if len(names) > NAMED else ""
    return ", ".join(elided(name) for name in names[:NAMED]) + more
