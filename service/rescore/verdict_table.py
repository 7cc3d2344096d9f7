"""What re-scoring says of a block of rows: where each came from, what identifies it, and the verdict. n: rows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from model.errors import InputError
from model.raw_scorer import shares
from model.scorer import INVALID, VERDICTS, Scorer, Scores
from model.tables.rows import Rows
from model.tables.sources import Source
from model.tables.table import column_names, require_columns

ORIGIN = ("source_file", "source_row")
JUDGEMENT = ("score", "threshold", "verdict", "p_value", "severity", "reason")
TOP_FEATURE, TOP_SHARE, EXPECTED = "top_feature", "top_share", "expected_"


@dataclass(frozen=True)
class VerdictTable:
    """``columns`` as they are written, in input order, and how many rows got each of ``VERDICTS``."""

    columns: pa.RecordBatch
    counts: NDArray[np.intp]


def check_columns(source: Source, scorer: Scorer, explain: bool) -> None:
    """Check that ``source`` can be judged and that what identifies its rows can be kept under its own names.

    Raises:
        InputError: features are missing, or a column is called what the output calls one of its own.
    """
    require_columns(source, scorer.spec.names)
    explaining = (TOP_FEATURE, TOP_SHARE, *(EXPECTED + name for name in scorer.spec.names)) if explain else ()
    taken = {*ORIGIN, *JUDGEMENT, *explaining}
    for name in column_names(source):
        if name in taken and name not in scorer.spec.names:
            raise InputError(f"{source}: the column '{name}' has the name of one that re-scoring adds; rename it")


def judge(rows: Rows, scorer: Scorer, explain: bool) -> VerdictTable:
    """Judge ``rows``; none is left out, and values that an invalid one cannot have are null."""
    x, unreadable = rows.numbers(scorer.spec.names)
    scores = scorer.score(x, unreadable)
    return verdict_table(rows, scores, scorer, _explanation(x, scores, scorer) if explain else {})


def verdict_table(rows: Rows, scores: Scores, scorer: Scorer, explanation: Mapping[str, pa.Array]) -> VerdictTable:
    """Lay out ``scores``, one for each of ``rows``, beside what identifies them."""
    names, count = scorer.spec.names, len(rows)
    columns: dict[str, pa.Array] = {
        ORIGIN[0]: pa.repeat(rows.source.name, count),
        ORIGIN[1]: pa.array(np.arange(rows.first_row, rows.first_row + count)),
        **{name: rows.columns.column(name) for name in rows.columns.schema.names if name not in names},
        **verdict_columns(scores, scorer),
    }
    columns |= explanation
    return VerdictTable(
        pa.RecordBatch.from_pydict(columns, metadata=made_by(scorer)),
        np.bincount(scores.verdict, minlength=len(VERDICTS)),
    )


def verdict_columns(scores: Scores, scorer: Scorer) -> dict[str, pa.Array]:
    """Write what is said of every sample, whatever it is."""
    count = len(scores.verdict)
    return {
        "score": or_null(scores.score),
        "threshold": pa.repeat(scorer.manifest.threshold.value, count),
        "verdict": pa.DictionaryArray.from_arrays(scores.verdict, [str(v) for v in VERDICTS]).cast(pa.string()),
        "p_value": or_null(scores.p_value),
        "severity": or_null(scores.severity),
        "reason": _texts(scores.reasons, count),
    }


def made_by(scorer: Scorer) -> dict[str, str]:
    """Say in a file's metadata what judged its rows."""
    return {
        "plumbline.model": scorer.manifest.name,
        "plumbline.version": str(scorer.manifest.version),
        "plumbline.digest": scorer.digest,
    }


def _explanation(x: NDArray[np.float64], scores: Scores, scorer: Scorer) -> dict[str, pa.Array]:
    valid = np.flatnonzero(scores.verdict != INVALID)
    contribution, expected = np.empty((0, len(scorer.spec))), np.empty((0, len(scorer.spec)))
    if valid.size:
        explanation = scorer.explain(x[valid])
        contribution, expected = explanation.contribution, explanation.reconstruction
    return explanation_columns(valid, contribution, expected, scores, scorer.spec.names)


def explanation_columns(
    valid: NDArray[np.intp],
    contribution: NDArray[np.float64],
    expected: NDArray[np.float64],
    scores: Scores,
    names: Sequence[str],
) -> dict[str, pa.Array]:
    """Lay out contributions and expected values [m, F] of the rows ``valid`` [m]; those of all others are null."""
    count = len(scores.verdict)
    top, top_share = np.zeros(count, dtype=np.int32), np.full(count, np.nan)
    awaited = np.full((len(names), count), np.nan)
    if valid.size:
        share = shares(contribution)
        top[valid], top_share[valid] = share.argmax(axis=1), share.max(axis=1)
        awaited[:, valid] = expected.T
    top_index = pa.array(top, mask=scores.verdict == INVALID)
    return {
        TOP_FEATURE: pa.DictionaryArray.from_arrays(top_index, list(names)).cast(pa.string()),
        TOP_SHARE: or_null(top_share),
        **{EXPECTED + name: or_null(values) for name, values in zip(names, awaited, strict=True)},
    }


def or_null(values: NDArray[np.float64]) -> pa.Array:
    return pa.array(values, from_pandas=True)  # NaN, the value of what is invalid, becomes null


def _texts(by_row: Mapping[int, str], count: int) -> pa.Array:
    texts: list[str | None] = [None] * count
    for row, text in by_row.items():
        texts[row] = text
    return pa.array(texts, pa.string())
