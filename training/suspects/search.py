"""Looking for rows that are not clean, and telling of them. Nothing is left out for it: that is the expert's to decide."""

import logging
from pathlib import Path

from model.errors import GateError, InputError
from training.clean_data import CleanData
from training.config import TrainingConfig
from training.cross_fit import cross_fit
from training.folds import plan_folds
from training.suspects.csv_file import MARK
from training.suspects.find import find_suspects
from training.suspects.suspect import Suspects

log = logging.getLogger("plumbline.training")


def search_suspects(clean: CleanData, config: TrainingConfig) -> Suspects | None:
    """Judge every clean row by detectors that have not learned from it, and list the strangest.

    None where the configuration asks for none, or where the rows cannot be shared out in folds, which is told.
    """
    folds = config.suspects.folds
    if not folds:
        return None
    steps = min(config.suspects.steps, config.fit.steps)
    shorter = config.model_copy(update={"fit": config.fit.model_copy(update={"steps": steps})})
    log.info("looking for rows that are not clean, in %d folds", folds)
    try:
        seen = cross_fit(clean.values, clean.group, clean.spec, shorter, folds, lambda _done, _folds: None)
    except (InputError, GateError) as error:
        log.warning("suspects in the clean data were not looked for: %s", error)
        return None
    plan = plan_folds(len(clean.values), clean.group, config.split, folds, config.seed)
    return find_suspects(clean.values, plan, seen, config.seed)


def tell_suspects(suspects: Suspects, clean: CleanData, file: Path) -> None:
    """Log how many clean rows stand out, where the first of them lies, and where all are."""
    first = suspects.listed[0]
    strangest = clean.place[first.row]
    cause = clean.spec.features[first.causes[0]].name
    if suspects.beyond_chance:
        log.warning(
            "%s of %s clean rows stand out, about %.2g would by chance; the strangest is %s, by '%s'",
            f"{suspects.beyond_chance:,}", f"{suspects.looked_at:,}", suspects.by_chance, strangest, cause,
        )  # fmt: skip
    else:
        log.info("no clean row stands out beyond chance; the strangest is %s, by '%s'", strangest, cause)
    log.info("suspects: %s; mark what is not clean under '%s' and train again with --exclude FILE", file, MARK)
