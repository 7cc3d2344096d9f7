"""Where traces go, as the setting says it, and whether this environment can send any."""

from importlib.util import find_spec
from urllib.parse import urlsplit

from model.errors import InputError

BY_ENVIRONMENT = "true"  # whatever the standard's own OTEL_EXPORTER_OTLP_* say
PATH = "/v1/traces"
_EXPORTER = ("opentelemetry.sdk", "opentelemetry.exporter", "opentelemetry.exporter.otlp.proto.http")


def read_destination(text: str) -> str | None:
    """Take what the setting says: ``true``, ``false`` (None), or the URL of a receiver, its path added where it has none.

    Raises:
        ValueError: it is nothing of these.
    """
    if text.lower() in ("true", "false"):
        return BY_ENVIRONMENT if text.lower() == BY_ENVIRONMENT else None
    url = urlsplit(text)
    if url.scheme not in ("http", "https") or not url.hostname:
        raise ValueError("expected true, false or the http(s) URL of an OTLP receiver")
    return url._replace(path=PATH).geturl() if url.path in ("", "/") else text


def check_installed() -> None:
    """Make sure that what sends traces is there.

    Raises:
        InputError: it is not.
    """
    for package in _EXPORTER:
        if find_spec(package) is None:
            raise InputError(
                f"PLUMBLINE_TRACES asks for traces, which takes the extra 'otel', and {package} is not installed; "
                "install it with: pip install 'plumbline[otel]'"
            )
