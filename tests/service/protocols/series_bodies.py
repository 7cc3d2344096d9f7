"""Rows at times, in the forms that the protocols of series take."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.samples import FEATURES

START = datetime(2026, 1, 1, tzinfo=UTC)
Row = Sequence[object]
NORMAL: Row = (8.1, 121.5, 45.2, 11.1)
ANOMALOUS: Row = (8.1, 139.5, 45.2, 11.1)


def stamps(count: int, seconds: float = 10.0) -> list[str]:
    times = (START + timedelta(seconds=number * seconds) for number in range(count))
    return [time.isoformat().replace("+00:00", "Z") for time in times]


def variables(rows: Sequence[Row], times: Sequence[str] | None = None) -> list[dict[str, Any]]:
    return [
        {
            "variable": feature.name,
            "timestamps": [*(times or stamps(len(rows)))],
            "values": [row[column] for row in rows],
        }
        for column, feature in enumerate(FEATURES)
    ]


def csv(rows: Sequence[Row], times: Sequence[str] | None = None) -> str:
    header = ",".join(["Timestamp", *(feature.name for feature in FEATURES)])
    cells = zip(times or stamps(len(rows)), rows, strict=True)
    return "\n".join([header, *(",".join(map(str, [time, *row])) for time, row in cells)])
