"""What the alarm rule is, and what came of it on clean rows, as half a sentence for log, report and model card."""

from model.alarm.rule import Alarm, AlarmRule


def alarm_sentence(alarm: Alarm, rows: int) -> str:
    """Say when alarms are raised and cleared, and how many that makes among ``rows`` clean ones."""
    rule, clean = alarm.rule, alarm.clean
    told = f"{_raised(rule)}, cleared by {_rows(rule.off_delay, 'quiet')} (score at most {rule.clear_threshold:.6g})"
    if clean is None:
        return f"{told}; how many that makes of clean rows is not known, as their order in time is not"
    raised = (
        f"{clean.annunciations:,} raised among {rows:,} clean rows, {1000 * clean.annunciations / rows:.3g} in 1,000"
    )
    without = "" if clean.runs == clean.annunciations else f"; {clean.runs:,} if each run of anomalies were one"
    return f"{told}: {raised}{without}"


def _raised(rule: AlarmRule) -> str:
    if rule.n == 1:
        counted = "raised by an anomaly"
    elif rule.k == rule.n:
        counted = f"raised by {rule.k} anomalies in a row"
    else:
        counted = f"raised by {rule.k} {'anomaly' if rule.k == 1 else 'anomalies'} among {rule.n} rows"
    return counted if rule.on_delay == 1 else f"{counted}, for {_rows(rule.on_delay)}"


def _rows(count: int, kind: str = "") -> str:
    return f"{count:,} {kind} {'row' if count == 1 else 'rows'}".replace("  ", " ")
