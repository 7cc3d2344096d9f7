"""What is kept of a stream from one request to the next, and how it is written down."""

import json
from dataclasses import asdict, dataclass, field

import numpy as np

from model.alarm.condition import Condition
from model.alarm.state import Shelving, StreamAlarm
from model.series.row_window import RowWindow


@dataclass(frozen=True)
class Stream:
    """The last rows, of the bundle ``digest`` that judged them, whether rows come with times, and the alarm."""

    digest: str
    window: RowWindow
    is_timed: bool
    row_count: int = 0
    alarm: StreamAlarm = field(default_factory=StreamAlarm)

    def to_bytes(self) -> tuple[str, bytes]:
        """Write what is kept: JSON, and the rows' values."""
        told = {
            "digest": self.digest,
            "is_timed": self.is_timed,
            "row_count": self.row_count,
            "last_time": self.window.last_time,
            "shape": self.window.rows.shape,
            "alarm": asdict(self.alarm),
        }
        return json.dumps(told), self.window.rows.astype("<f8").tobytes()

    @classmethod
    def from_bytes(cls, told: str, rows: bytes) -> "Stream":
        """Read what ``to_bytes`` wrote."""
        kept = json.loads(told)
        alarm = kept["alarm"]
        shelving = alarm["shelving"]
        return cls(
            digest=kept["digest"],
            window=RowWindow(np.frombuffer(rows, "<f8").reshape(kept["shape"]).astype(np.float64), kept["last_time"]),
            is_timed=kept["is_timed"],
            row_count=kept["row_count"],
            alarm=StreamAlarm(
                condition=Condition(**alarm["condition"]),
                is_acknowledged=alarm["is_acknowledged"],
                shelving=None if shelving is None else Shelving(**shelving),
                since=alarm["since"],
                invalid_rows=alarm["invalid_rows"],
            ),
        )
