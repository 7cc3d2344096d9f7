"""Which faults it finds, from which size on: a line of a table for each sensor, a cell for each kind of fault."""

import math
from dataclasses import dataclass

from model.detectability import Detectability, DetectionLimit
from model.features import FeatureSpec
from training.detectability import KINDS
from training.report.findings import Finding
from training.report.typography import DASH, NO_BREAK, count, elided, percent, quantity

SHOWN = 50
WIDE = 3.0  # standard deviations: a bias must leave the range of clean values before it is found
FAINT, STRONG = 0.1, 64.0  # standard deviations at which a cell's tint begins and is full


@dataclass(frozen=True)
class LimitCell:
    """One limit: its text, and a tint from 0 (every fault shows) to 1 (none does), between by size, or by how many do."""

    text: str
    tint: float
    limit: DetectionLimit


@dataclass(frozen=True)
class LimitTable:
    """``rows`` of a sensor each, its name and a cell for each kind of fault, blindest first; ``tried`` of ``total``."""

    rows: tuple[tuple[str, tuple[LimitCell, ...]], ...]
    tried: int
    total: int
    extremes: str
    named_first: float | None


def limit_table(detectability: Detectability, spec: FeatureSpec) -> LimitTable:
    """Set a certificate as a table."""
    limits = {(limit.feature, limit.kind): limit for limit in detectability.limits}
    blindest_first = [bias.feature for bias in _blindest_first(detectability)]
    return LimitTable(
        rows=tuple(
            (name, tuple(_cell(detectability, limits[name, kind], spec) for kind in KINDS))
            for name in blindest_first[:SHOWN]
        ),
        tried=len(blindest_first),
        total=len(spec),
        extremes=extremes(detectability, spec),
        named_first=named_first(detectability),
    )


def extremes(detectability: Detectability, spec: FeatureSpec) -> str:
    """Name the blindest and the sharpest sensor, by the smallest bias that each shows."""
    by_bias = _blindest_first(detectability)
    blindest, sharpest = by_bias[0], by_bias[-1]
    where, found_from = _from(detectability, blindest, spec), _from(detectability, sharpest, spec)
    if where:
        said = f"It is blindest in {elided(blindest.feature)}: a bias there is found {where}."
    else:
        blind = sum(limit.limit is None for limit in by_bias)
        others = f", and so in {count(blind - 1, 'other sensor')}" if blind > 1 else ""
        largest = _size(blindest.tried, blindest, spec)
        said = f"It is blind in {elided(blindest.feature)}: no bias up to {largest} is found there{others}."
    if found_from and sharpest is not blindest:
        said += f" It is sharpest in {elided(sharpest.feature)}: {found_from}."
    return said


def check_detectability(detectability: Detectability, spec: FeatureSpec) -> Finding:
    """Say how small a bias is found in every sensor, and where the detector is blind."""
    detail = extremes(detectability, spec)
    spreads = detectability.spreads(_blindest_first(detectability)[0])
    if spreads is None:
        return Finding("caution", "It does not see every sensor.", detail, "detectability")
    headline = f"A bias of {quantity(spreads, 2)} standard deviations is found in every sensor that was tried."
    return Finding("note" if spreads > WIDE else "good", headline, detail, "detectability")


def named_first(detectability: Detectability) -> float | None:
    """Pool the share of found faults, each at its limit, whose sensor is named first; None where nothing is found."""
    at_limit = [limit for limit in detectability.limits if limit.limit is not None]
    found = sum(limit.found for limit in at_limit)
    return sum(limit.found * (limit.named_first or 0.0) for limit in at_limit) / found if found else None


def _blindest_first(detectability: Detectability) -> list[DetectionLimit]:
    def blindness(limit: DetectionLimit) -> float:
        spreads = detectability.spreads(limit)
        return math.inf if spreads is None else spreads

    return sorted(detectability.of("bias"), key=blindness, reverse=True)


def _cell(detectability: Detectability, limit: DetectionLimit, spec: FeatureSpec) -> LimitCell:
    spreads = detectability.spreads(limit)
    if limit.limit is None or spreads is None:
        return LimitCell(DASH, round(1 - limit.found / 2, 3), limit)
    if limit.kind == "decorrelation":
        return LimitCell(percent(float(f"{limit.limit:.2g}")), limit.limit, limit)
    tint = math.log(max(spreads, FAINT) / FAINT) / math.log(STRONG / FAINT)
    text = _size(limit.limit, limit, spec)
    if limit.kind == "gain":
        text = f"\N{MULTIPLICATION SIGN}{NO_BREAK}{quantity(1 + limit.limit, 2)}"
    return LimitCell(text, round(min(tint, 1.0), 3), limit)


def _size(size: float, limit: DetectionLimit, spec: FeatureSpec) -> str:
    unit = spec.features[spec.names.index(limit.feature)].unit
    return f"{quantity(size, 2)}{NO_BREAK}{unit}" if unit else quantity(size, 2)


def _from(detectability: Detectability, limit: DetectionLimit, spec: FeatureSpec) -> str:
    spreads = detectability.spreads(limit)
    if limit.limit is None or spreads is None:
        return ""
    return f"from {_size(limit.limit, limit, spec)} on ({quantity(spreads, 2)} of its standard deviations)"
