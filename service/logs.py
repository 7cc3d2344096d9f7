"""Logs as one JSON object per line, through the standard library's logging."""

import logging
import sys
from datetime import UTC, datetime

import orjson

FIELDS = "fields"


class JsonLines(logging.Formatter):
    """Write a record as JSON; ``extra={"fields": {...}}`` adds fields of its own."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            **getattr(record, FIELDS, {}),
        }
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return orjson.dumps(line, default=str).decode()


def configure_logging(level: str) -> None:
    """Send every logger's records of ``level`` and above to standard output, uvicorn's included."""
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(JsonLines())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
