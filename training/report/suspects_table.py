"""The clean rows that look least clean, as the report lists them: neighbours in time together."""

from dataclasses import dataclass

from training.clean_data import CleanData
from training.suspects.suspect import Suspect, Suspects

SHOWN = 12
STRETCH_GAP = 10  # rows; what happens again within so many is one event to look into


@dataclass(frozen=True)
class Reading:
    """A reading that gives a row away; ``index`` is its feature's."""

    index: int
    name: str
    unit: str
    observed: float
    expected: float


@dataclass(frozen=True)
class Stretch:
    """Neighbouring suspects: where they lie, how many there are, and what gives away the strangest of them."""

    place: str
    group: str
    count: int
    eye: str
    by_chance: float
    readings: tuple[Reading, ...]


@dataclass(frozen=True)
class SuspectsTable:
    """The first ``shown`` of ``stretches``, the strangest first; of ``listed`` rows ``beyond_chance`` stand out."""

    shown: tuple[Stretch, ...]
    stretches: int
    listed: int
    beyond_chance: int
    by_chance: float
    looked_at: int


def suspects_table(suspects: Suspects, clean: CleanData, *, in_order: bool) -> SuspectsTable:
    """Gather the rows that stand out, or where none does the strangest; ``in_order`` says that neighbours belong together."""
    told = suspects.listed[: suspects.beyond_chance or SHOWN]
    stretches: list[list[Suspect]] = []
    for suspect in sorted(told, key=lambda suspect: suspect.row):
        if in_order and stretches and _near(stretches[-1][-1].row, suspect.row, clean):
            stretches[-1].append(suspect)
        else:
            stretches.append([suspect])
    stretches.sort(key=lambda stretch: min(suspect.by_chance for suspect in stretch))
    return SuspectsTable(
        tuple(_stretch(stretch, clean) for stretch in stretches[:SHOWN]),
        len(stretches),
        len(suspects.listed),
        suspects.beyond_chance,
        suspects.by_chance,
        suspects.looked_at,
    )


def _near(earlier: int, later: int, clean: CleanData) -> bool:
    same_group = clean.group is None or clean.group[earlier] == clean.group[later]
    return later - earlier <= STRETCH_GAP and bool(same_group)


def _stretch(stretch: list[Suspect], clean: CleanData) -> Stretch:
    strangest = min(stretch, key=lambda suspect: suspect.by_chance)
    first, last = clean.place[stretch[0].row], clean.place[stretch[-1].row]
    (source, _, start), (other, _, end) = first.rpartition(" row "), last.rpartition(" row ")
    between = f"{source} rows {start} to {end}" if source == other else f"{first} to {last}"
    return Stretch(
        place=first if len(stretch) == 1 else between,
        group="" if clean.group is None else str(clean.group[strangest.row]),
        count=len(stretch),
        eye=strangest.eye,
        by_chance=strangest.by_chance,
        readings=tuple(_reading(strangest, index, clean) for index in strangest.causes),
    )


def _reading(suspect: Suspect, index: int, clean: CleanData) -> Reading:
    feature, observed = clean.spec.features[index], clean.values[suspect.row, index]
    return Reading(index, feature.name, feature.unit, float(observed), float(suspect.expected[index]))
