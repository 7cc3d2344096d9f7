"""Log lines for people: in colour on a terminal, plain elsewhere."""

import logging

from rich.console import Console
from rich.logging import RichHandler


def log_to(console: Console) -> None:
    """Send what training logs to ``console``."""
    handler: logging.Handler
    if console.is_terminal:
        handler = RichHandler(
            console=console, show_path=False, show_level=False, log_time_format="%X", highlighter=None
        )
    else:
        handler = logging.StreamHandler()
        handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    logger = logging.getLogger("plumbline")
    logger.handlers = [handler]
    logger.setLevel(logging.INFO)
    logger.propagate = False
