"""The wire form of what a shadow has shown so far."""

from typing import Annotated

import numpy as np
from pydantic import Field
from typing_extensions import TypedDict

from model.scorer import ANOMALY, INVALID, VERDICTS
from model.threshold import Verdict
from service.shadow.metrics import QUOTIENTS, Figures

QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)


class VerdictPair(TypedDict):
    """What both versions said of so many samples."""

    verdict: Annotated[Verdict, Field(description="Of the version that serves.")]
    candidate_verdict: Verdict
    samples: int


class Quotient(TypedDict):
    """The candidate's score over its threshold, divided by the same of the version that serves: 1.1 is ten percent more."""

    geometric_mean: float
    quantiles: Annotated[
        dict[str, float], Field(description="By share of samples, read off a histogram, and no finer than that is.")
    ]


class ShadowReport(TypedDict):
    """What a candidate found in the samples that the version beside it answered, all workers together."""

    model: str
    version: Annotated[int, Field(description="The version that serves.")]
    candidate: Annotated[int, Field(description="The version that scores in silence.")]
    candidate_digest: str
    samples: Annotated[int, Field(description="Scored by both, since the service began.")]
    dropped: Annotated[int, Field(description="Left out, for too many waited.")]
    agreement: Annotated[float | None, Field(description="The share of samples that got the same verdict of both.")]
    verdicts: Annotated[list[VerdictPair], Field(description="Pairs that occurred.")]
    anomaly_rate: Annotated[
        float | None,
        Field(description="Of the samples that both could judge, the share that the version found anomalous."),
    ]
    candidate_anomaly_rate: Annotated[float | None, Field(description="The same of the candidate.")]
    quotient: Quotient | None


def shadow_report(model: str, version: int, candidate: int, digest: str, figures: Figures) -> ShadowReport:
    """Tell what was counted of ``candidate`` beside ``version``."""
    verdicts = figures.verdicts
    samples = int(verdicts.sum())
    judged = np.delete(np.delete(verdicts, INVALID, 0), INVALID, 1)
    count = int(judged.sum())
    return {
        "model": model,
        "version": version,
        "candidate": candidate,
        "candidate_digest": digest,
        "samples": samples,
        "dropped": figures.dropped,
        "agreement": int(np.trace(verdicts)) / samples if samples else None,
        "verdicts": [
            {"verdict": VERDICTS[one], "candidate_verdict": VERDICTS[other], "samples": int(verdicts[one, other])}
            for one, other in np.argwhere(verdicts).tolist()
        ],
        "anomaly_rate": int(judged[ANOMALY].sum()) / count if count else None,
        "candidate_anomaly_rate": int(judged[:, ANOMALY].sum()) / count if count else None,
        "quotient": _quotient(figures),
    }


def _quotient(figures: Figures) -> Quotient | None:
    count = int(figures.buckets.sum())
    if not count:
        return None
    return {
        "geometric_mean": float(np.exp(figures.log_quotient_sum / count)),
        "quantiles": {f"{share:g}": _quantile(figures, share) for share in QUANTILES},
    }


def _quantile(figures: Figures, share: float) -> float:
    """Interpolate within the bucket; of the two that have no end, give the bound they begin at."""
    cumulative = np.cumsum(figures.buckets)
    bucket = int(np.searchsorted(cumulative, share * cumulative[-1]))
    if bucket in (0, len(QUOTIENTS)):
        return QUOTIENTS[min(bucket, len(QUOTIENTS) - 1)]
    low, high = QUOTIENTS[bucket - 1], QUOTIENTS[bucket]
    inside = (share * cumulative[-1] - cumulative[bucket - 1]) / figures.buckets[bucket]
    return float(low + (high - low) * inside)
