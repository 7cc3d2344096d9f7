"""The last row of a series, judged, in the words of Azure's service. Nothing here knows about HTTP."""

from collections.abc import Mapping, Sequence

import numpy as np

from model.scorer import ANOMALY, Scores
from model.validity import INCOMPLETE_WINDOW
from service.contributions import Parts
from service.protocols.azure.answers import AnomalyState, AnomalyValue, LastDetection, VariableState
from service.protocols.azure.request import timestamp
from service.protocols.error_forms import AzureErrorBody
from service.protocols.series import Series
from service.registry.models import ServedModel

MOST_ERRORS = 10
_CODES = {INCOMPLETE_WINDOW: "InsufficientHistoricalData"}


def variable_states(series: Series, model: ServedModel) -> list[VariableState]:
    """Say of each variable how much of it is there."""
    states: list[VariableState] = []
    for column, name in enumerate(model.spec.names):
        there = np.flatnonzero(~np.isnan(series.x[:, column]))
        state: VariableState = {
            "variable": name,
            "filledNARatio": 1 - there.size / len(series),
            "effectiveCount": there.size,
        }
        if there.size:
            state["firstTimestamp"] = timestamp(series.times[there[0]])
            state["lastTimestamp"] = timestamp(series.times[there[-1]])
        states.append(state)
    return states


def unjudged(reasons: Mapping[int, str], gaps: Mapping[int, str], series: Series) -> list[AzureErrorBody]:
    """Say why the last row could not be judged: what is wrong with it, then with those before it."""
    last = len(series) - 1
    found = [_error(reasons[last])]
    for row in sorted({*gaps, *reasons}):
        when, why = timestamp(series.times[row]), reasons.get(row, INCOMPLETE_WINDOW)
        if row in gaps:
            found.append({"code": "gap", "message": f"{when}: {gaps[row]}"})
        if row < last and not why.startswith(INCOMPLETE_WINDOW):
            found.append(_error(why, when))
    return found[:MOST_ERRORS]


def value_of(scores: Scores, explained: Sequence[Parts], contributors: int) -> AnomalyValue:
    """Say of one valid sample whether it is an anomaly and, of an anomaly, what it is that makes it one.

    With the threshold t, score s becomes ``s / (s + t)`` and an anomaly's severity ``(s - t) / (s + t)``.
    """
    is_anomaly = bool(scores.verdict[0] == ANOMALY)
    score = float(scores.severity[0])
    return {
        "isAnomaly": is_anomaly,
        # Just above the threshold the difference may vanish; an anomaly's severity is more than nothing.
        "severity": max(2 * score - 1, float(np.finfo(np.float64).eps)) if is_anomaly else 0.0,
        "score": score,
        "interpretation": [
            {
                "variable": part["feature"],
                "contributionScore": part["share"],
                "correlationChanges": {"changedVariables": []},
            }
            for parts in explained
            for part in parts.features[:contributors]
        ],
    }


def last_detection(
    series: Series, model: ServedModel, value: AnomalyValue | None, errors: list[AzureErrorBody]
) -> LastDetection:
    state: AnomalyState = {"timestamp": timestamp(series.times[-1]), "errors": errors}
    if value is not None:
        state["value"] = value
    return {"variableStates": variable_states(series, model), "results": [state]}


def _error(reason: str, where: str = "") -> AzureErrorBody:
    code, _, what = reason.partition(": ")
    return {"code": _CODES.get(code, code), "message": f"{where}: {what}" if where else what}
