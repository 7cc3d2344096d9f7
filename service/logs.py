"""Logs as one JSON object per line, through the standard library's logging."""

import logging
import sys
from datetime import UTC, datetime

import orjson

FIELDS = "fields"
REQUESTS = "requests"


class JsonLines(logging.Formatter):
    """Write a record as JSON; ``extra={"fields": {...}}`` adds fields of its own.

    ``extra={"requests": [{...}, ...]}`` makes it one line for each of many, so that a busy service logs them at once.
    """

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
        requests = getattr(record, REQUESTS, None)
        if requests is None:
            return orjson.dumps(line, default=str).decode()
        return b"\n".join([orjson.dumps(line | request, default=str) for request in requests]).decode()


def configure_logging(level: str) -> None:
    """Send every logger's records of ``level`` and above to standard output, uvicorn's included."""
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(JsonLines())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
