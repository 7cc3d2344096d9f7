"""How the demo fails."""


class DemoError(Exception):
    """A command or the service did not do its part; one sentence for people."""
