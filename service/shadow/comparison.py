"""Two versions' scores of the same samples, side by side."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from model.manifest import Manifest
from model.scorer import VERDICTS
from service.errors import NotComparableError
from service.wording import listed

# Ratios beyond are as good as this; a sum of logarithms that has once become infinite never comes back.
LARGEST_RATIO = 1e9


class Judged(NamedTuple):
    """Scores and verdicts of samples, and the threshold that was set for such scores."""

    score: NDArray[np.float64]
    verdict: NDArray[np.int8]
    threshold: float


@dataclass(frozen=True)
class Comparison:
    """How often which pair of verdicts was given, [served, candidate], and by how much the scores differ.

    ``log_quotients`` has one value for each sample that both could score: the natural logarithm of the candidate's score over
    its threshold, divided by the same of the version that serves. Above 0 the candidate finds the sample more anomalous.
    """

    verdicts: NDArray[np.int64]
    log_quotients: NDArray[np.float64]


def check_comparable(served: Manifest, candidate: Manifest) -> None:
    """Check that two versions judge the same samples.

    Raises:
        NotComparableError: they do not, or are one and the same.
    """
    versions = f"version {candidate.version} of model '{served.name}' cannot be compared with version {served.version}"
    if candidate.version == served.version:
        raise NotComparableError(f"{versions}: it is the one that serves")
    names, others = served.feature_spec.names, candidate.feature_spec.names
    if names != others:
        raise NotComparableError(f"{versions}: its features are {listed(others)}, not {listed(names)}")
    if (served.form.shape, served.form.dtype) != (candidate.form.shape, candidate.form.dtype):
        raise NotComparableError(f"{versions}: its samples are of another length or size")


def compare(served: Judged, candidate: Judged) -> Comparison:
    """Compare what two versions say of the same samples, in the same order."""
    kinds = len(VERDICTS)
    pairs = served.verdict.astype(np.int64) * kinds + candidate.verdict
    verdicts = np.bincount(pairs, minlength=kinds * kinds).reshape(kinds, kinds)
    both = np.isfinite(served.score) & np.isfinite(candidate.score)
    return Comparison(verdicts, _log_ratios(candidate, both) - _log_ratios(served, both))


def _log_ratios(judged: Judged, rows: NDArray[np.bool_]) -> NDArray[np.float64]:
    bound = np.log(LARGEST_RATIO)
    with np.errstate(divide="ignore", invalid="ignore"):  # a score or a threshold of 0
        logs = np.log(np.maximum(judged.score[rows], 0)) - np.log(judged.threshold)
    return np.asarray(np.clip(np.nan_to_num(logs, nan=0.0), -bound, bound))
