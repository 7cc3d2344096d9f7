"""Samples from files, judged by a bundle, and a few of them taken apart. n: rows. F: features."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model.errors import InputError
from model.explainer import FullExplanation
from model.raw_scorer import shares
from model.scorer import INVALID, NORMAL, VERDICTS, Scorer, Scores
from model.tables.rows import Rows
from model.tables.sources import resolve_sources
from model.tables.table import read_rows, require_columns
from model.threshold import Verdict

REASONS = 5  # how many invalid rows are named


@dataclass(frozen=True)
class Reading:
    """One feature of a sample: what it reads, what it was expected to, and its share of the contributions."""

    feature: str
    unit: str
    share: float
    observed: float
    expected: float


@dataclass(frozen=True)
class JudgedSample:
    """A sample and its verdict. ``readings`` are largest share first; empty, like the figures NaN, where it is invalid.

    ``full`` is the explanation in full, where the bundle keeps what that takes and the sample is no normal one.
    """

    place: str
    verdict: Verdict
    score: float
    p_value: float
    severity: float
    reason: str
    readings: tuple[Reading, ...]
    full: FullExplanation | None


@dataclass(frozen=True)
class JudgedSamples:
    """All samples of the files: ``scores`` of the valid ones, how many got each verdict, and those ``shown``."""

    source: str
    rows: int
    verdicts: dict[Verdict, int]
    scores: NDArray[np.float64]
    invalid: tuple[str, ...]
    shown: tuple[JudgedSample, ...]


@dataclass(frozen=True)
class _Candidate:
    """A row that may be shown, before it is taken apart."""

    number: int
    place: str
    values: NDArray[np.float64]
    verdict: int
    score: float
    p_value: float
    severity: float
    reason: str


def judge_samples(scorer: Scorer, samples: str, rows: Sequence[int], most: int) -> JudgedSamples:
    """Judge every row of ``samples`` and take apart ``rows``, counted from 1, or else the ``most`` anomalous ones.

    Raises:
        InputError: the files cannot be read, lack features, or have no such row.
    """
    sources = resolve_sources([samples])
    for source in sources:
        require_columns(source, scorer.spec.names)
    if rows and len(sources) > 1:
        raise InputError(f"{samples}: holds {len(sources):,} files; rows are picked from one file")
    counts, scores, invalid = np.zeros(len(VERDICTS), dtype=np.intp), [], []
    picked: list[_Candidate] = []
    for source in sources:
        for block in read_rows(source):
            x, unreadable = block.numbers(scorer.spec.names)
            judged = scorer.score(x, unreadable)
            counts += np.bincount(judged.verdict, minlength=len(VERDICTS))
            scores.append(judged.score[judged.verdict != INVALID])
            invalid += [f"{_place(block, row)}: {judged.reasons[row]}" for row in sorted(judged.reasons)[:REASONS]]
            if rows:
                wanted = [row - block.first_row for row in rows if 0 <= row - block.first_row < len(block)]
                picked += [_candidate(block, x, judged, row) for row in wanted]
            else:
                highest = np.argsort(-judged.score, kind="stable")[:most]  # NaN comes last
                valid = [int(row) for row in highest if judged.verdict[row] != INVALID]
                picked += [_candidate(block, x, judged, row) for row in valid]
                picked = sorted(picked, key=lambda one: -one.score)[:most]
    total = int(counts.sum())
    missing = sorted(row for row in rows if row > total)
    if missing:
        raise InputError(f"{samples}: has {total:,} rows, row {missing[0]:,} is asked for")
    if rows:
        picked.sort(key=lambda one: rows.index(one.number))
    return JudgedSamples(
        source=samples,
        rows=total,
        verdicts={verdict: int(count) for verdict, count in zip(VERDICTS, counts, strict=True)},
        scores=np.concatenate(scores),
        invalid=tuple(invalid[:REASONS]),
        shown=tuple(_take_apart(one, scorer) for one in picked),
    )


def _place(block: Rows, row: int) -> str:
    return f"{block.source}, row {block.first_row + row:,}"


def _candidate(block: Rows, x: NDArray[np.float64], judged: Scores, row: int) -> _Candidate:
    return _Candidate(
        number=block.first_row + row,
        place=_place(block, row),
        values=x[row].copy(),
        verdict=int(judged.verdict[row]),
        score=float(judged.score[row]),
        p_value=float(judged.p_value[row]),
        severity=float(judged.severity[row]),
        reason=judged.reasons.get(row, ""),
    )


def _take_apart(one: _Candidate, scorer: Scorer) -> JudgedSample:
    readings: tuple[Reading, ...] = ()
    full: FullExplanation | None = None
    if one.verdict != INVALID:
        explanation = scorer.explain(one.values[None])
        share = shares(explanation.contribution)[0]
        features, expected = scorer.spec.features, explanation.reconstruction[0]
        readings = tuple(
            Reading(features[i].name, features[i].unit, float(share[i]), float(one.values[i]), float(expected[i]))
            for i in np.argsort(-share, kind="stable")
        )
        if scorer.explainer is not None and one.verdict != NORMAL:
            full = scorer.explainer.explain(one.values)
    verdict = VERDICTS[one.verdict]
    return JudgedSample(one.place, verdict, one.score, one.p_value, one.severity, one.reason, readings, full)
