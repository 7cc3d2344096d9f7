"""What a key may do, and what a request takes."""

import re
from enum import StrEnum

HEALTH = ("/health/", "/v2/health/")
METRICS = "/metrics"
_READING = frozenset({"GET", "HEAD", "OPTIONS"})
_READ_BY_POST = "/v2/repository/index"
# Whoever adds a way to have samples judged adds it here; until then it takes `admin`.
_SCORING = re.compile(
    r"(?:/models/[^/]+)?/(?:score|reconstruct|encode|generate)"
    r"|(?:/models/[^/]+)?/streams/[^/]+/(?:rows|acknowledge|shelve|unshelve)"
    r"|/v2/models/[^/]+(?:/versions/[^/]+)?/infer"
    r"|/models/[^/]+/lookout"
    r"|(?:/anomalydetector/[^/]+)?/multivariate/models/[^/]+:detect-last"
)


class Scope(StrEnum):
    """``SCORE`` has samples judged, ``READ`` looks, ``ADMIN`` does everything."""

    SCORE = "score"
    READ = "read"
    ADMIN = "admin"


def needed_scope(method: str, path: str) -> Scope:
    """Say which scope a request takes; what is not known to be harmless takes ``ADMIN``."""
    if method == "POST":
        if _SCORING.fullmatch(path):
            return Scope.SCORE
        return Scope.READ if path == _READ_BY_POST else Scope.ADMIN
    return Scope.READ if method in _READING else Scope.ADMIN
