"""Templates of the report's pages, filled in."""

from collections.abc import Mapping

from jinja2 import Environment, PackageLoader, StrictUndefined

from training.report.typography import count, duration, elided, measured, percent, quantity, signed

FILTERS = (count, duration, elided, measured, percent, quantity, signed)


def fill(template: str, values: Mapping[str, object]) -> bytes:
    """Return the page: UTF-8, self-contained, the same bytes for the same values."""
    environment = Environment(
        loader=PackageLoader("training.report", ""),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {function.__name__: function for function in FILTERS}
    return environment.get_template(template).render(values).encode()
