"""The files that a training run was given."""

from dataclasses import dataclass
from pathlib import Path

from model.errors import InputError
from training.config import TrainingConfig


@dataclass(frozen=True)
class Given:
    """Clean data, labelled data with their label column, and lists of marked rows to leave out."""

    clean: tuple[str, ...]
    test: tuple[str, ...] = ()
    label: str | None = None
    exclude: tuple[Path, ...] = ()

    def check(self, config: TrainingConfig) -> None:
        """Refuse what does not belong together.

        Raises:
            InputError: says what.
        """
        if config.modality == "image":
            if self.label is not None:
                raise InputError("--label is a column's name; of labelled images the folder that each lies in tells")
        elif bool(self.test) != (self.label is not None):
            raise InputError("--test and --label belong together: the labelled data and its label column")
        if self.exclude and config.modality != "tabular":
            raise InputError(f"--exclude leaves out rows of modality 'tabular', found '{config.modality}'")
