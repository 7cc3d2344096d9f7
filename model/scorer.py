"""A bundle at work: samples in, verdicts out. The API and re-scoring are thin skins over this one class."""

from array import array
from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass
from math import isfinite
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from model.bundle import Bundle
from model.errors import BundleGoldenError
from model.explainer import Explainer
from model.golden import compare_golden
from model.inference import RUNTIME_ERRORS, Provider
from model.latent_search import LatentSearch
from model.purifier import Purifier
from model.quoting import quoted
from model.raw_scorer import Explanation, RawScorer
from model.threshold import Verdict, p_values
from model.validity import NOT_SCORABLE, invalid_samples, reason

VERDICTS = tuple(Verdict)
NORMAL, REVIEW, ANOMALY, INVALID = range(4)
_ANOMALY = np.int8(ANOMALY)
_VERDICTS = tuple(np.array([verdict], dtype=np.int8) for verdict in range(len(VERDICTS)))
WARM_BATCHES = (1, 8, 64)
_NONE: Mapping[int, str] = MappingProxyType({})


@dataclass(frozen=True)
class Scores:
    """The answer for B samples, in their order.

    ``verdict`` [B] indexes ``VERDICTS``. ``score``, ``p_value`` and ``severity`` [B] are NaN where the verdict is
    invalid, and ``reasons`` says why, by row.
    """

    score: NDArray[np.float64]
    p_value: NDArray[np.float64]
    severity: NDArray[np.float64]
    verdict: NDArray[np.int8]
    reasons: Mapping[int, str]


class Scorer:
    """Judge samples by one bundle. Thread-safe; cannot be made without a threshold."""

    def __init__(self, bundle: Bundle, provider: Provider = "cpu") -> None:
        self.manifest, self.digest = bundle.manifest, bundle.digest
        self.spec, self.form = bundle.manifest.feature_spec, bundle.manifest.form
        self._raw = RawScorer(bundle.scorer, provider)
        self._calibration, self._golden = bundle.calibration, bundle.golden
        self._ordered = array("d", bundle.calibration.tobytes())  # read one by one, it is the faster
        self.explainer = None
        """Explains single samples in full; None where the bundle keeps nothing to do it with."""
        kept, threshold = bundle.manifest.explanation, bundle.manifest.threshold.value
        if kept is not None:
            self.explainer = Explainer(self._raw, threshold, self.spec, kept, bundle.sketch)

    def purifier(self, search: LatentSearch | None) -> Purifier:
        """Purify samples with what this bundle has; ``search`` is that of its latent, if there is one."""
        return Purifier(self._raw, self.explainer, search)

    @property
    def provider(self) -> Provider:
        return self._raw.provider

    def score(self, x: NDArray[Any], unreadable: Mapping[int, str] = _NONE) -> Scores:
        """Judge samples ``x`` [B, *shape] in raw units; ``unreadable`` names rows known to be invalid, and why."""
        reasons = {**invalid_samples(x, self.spec), **unreadable}
        if not reasons:
            score = self._raw.scores(x)
        else:
            score = np.full(len(x), np.nan)
            good = np.ones(len(x), dtype=bool)
            good[list(reasons)] = False
            if good.any():
                score[good] = self._raw.scores(x[good])
        if not isfinite(score.sum()):  # where all are finite the sum is, or is looked at for nothing
            for row in np.flatnonzero(~np.isfinite(score)):
                if row not in reasons:
                    reasons[int(row)] = reason(NOT_SCORABLE, self._largest(x[row]))
                score[row] = np.nan
        return self._judge(score, reasons)

    def explain(self, x: NDArray[Any]) -> Explanation:
        """Take valid samples' scores apart, see ``Explanation``."""
        return self._raw.explain(x)

    def contributions(self, x: NDArray[Any]) -> NDArray[np.float64]:
        """Return how much each part of valid samples adds to their scores: heat maps [B, H, W] of images."""
        return self._raw.contributions(x)

    def check_golden(self) -> None:
        """Score the bundle's golden samples here and now, together and one by one.

        Raises:
            BundleGoldenError: if a score or verdict differs from the recorded one by more than the bundle allows.
        """
        samples, rtol = self._golden.samples, self.manifest.graphs.score_rtol
        for batch in (len(samples), 1):
            try:
                judged = [self.score(samples[start : start + batch]) for start in range(0, len(samples), batch)]
            except RUNTIME_ERRORS as error:
                raise BundleGoldenError(
                    f"{self._title}: golden samples cannot be scored: {quoted(str(error))}"
                ) from error
            scores = np.concatenate([part.score for part in judged])
            verdicts = np.concatenate([part.verdict for part in judged])
            fault = compare_golden(self._golden, scores, verdicts, rtol)
            if fault:
                raise BundleGoldenError(f"{self._title}: in batches of {batch}, {fault}")

    def warm_up(self) -> None:
        """Run once at each of the usual batch sizes, so that no request waits for what the first run of a size takes."""
        samples = self._golden.samples
        for batch in WARM_BATCHES:
            self.score(samples[np.arange(batch) % len(samples)])

    @property
    def _title(self) -> str:
        return f"bundle {self.manifest.name} version {self.manifest.version}"

    def _judge(self, score: NDArray[np.float64], reasons: Mapping[int, str]) -> Scores:
        if len(score) == 1 and not reasons:
            return self._judge_one(score)
        threshold, review = self.manifest.threshold, self.manifest.review_threshold
        verdict = (score > threshold.value) * _ANOMALY
        if review is not None:
            verdict[(score > review.value) & (verdict == NORMAL)] = REVIEW
        p_value = p_values(score, self._calibration)
        severity = threshold.severity(score)
        if reasons:
            rows = list(reasons)
            verdict[rows] = INVALID
            p_value[rows] = severity[rows] = np.nan
        return Scores(score, p_value, severity, verdict, MappingProxyType(dict(reasons)))

    def _judge_one(self, score: NDArray[np.float64]) -> Scores:
        """Do what ``_judge`` does; a call of numpy costs as much for one sample as for many, and most requests have one."""
        value, threshold, review = score.item(), self.manifest.threshold, self.manifest.review_threshold
        verdict = ANOMALY if value > threshold.value else NORMAL
        if verdict == NORMAL and review is not None and value > review.value:
            verdict = REVIEW
        count = len(self._ordered)
        p_value = (1 + count - bisect_left(self._ordered, value)) / (count + 1)
        return Scores(score, np.array([p_value]), np.array([threshold.severity_of(value)]), _VERDICTS[verdict], _NONE)

    def _largest(self, sample: NDArray[Any]) -> str:
        location = int(np.nanargmax(np.abs(sample)))
        feature = self.spec.names[location % len(self.spec)]
        return f"'{feature}' is {sample.flat[location]:g}, beyond what floating point can score"
