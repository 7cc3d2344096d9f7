"""How a measurement fails."""

from model.errors import GateError


class MeasurementError(GateError):
    """What was measured did not do its part, so its figures would mean nothing."""
