"""A training run on disk, so that a killed one goes on where it was. Safetensors: nothing in the file can run."""

import dataclasses
import json
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor

from model.autoencoder import Autoencoder
from model.errors import InputError
from training.history import EpochRecord

log = logging.getLogger("plumbline.training")


@dataclass
class Progress:
    """How far a fit has come; ``best`` holds the weights of ``best_epoch``."""

    history: list[EpochRecord]
    best: dict[str, Tensor]
    best_epoch: int
    best_objective: float
    seconds: float


class Checkpoint:
    """The checkpoint file of one run; ``identity`` ties it to the data, configuration and code that made it."""

    def __init__(self, file: Path, identity: str, resume: bool) -> None:
        self._file, self._identity, self._resume = file, identity, resume
        self._usable = False  # whether the file is of this run
        self._unfinished = file.with_suffix(f".{os.getpid()}.unfinished")  # two runs of one model may write at once

    def load(self, vae: Autoencoder, optimiser: torch.optim.Adam) -> Progress | None:
        """Bring ``vae`` and ``optimiser`` to where the run stopped; None where there is nothing to resume.

        Raises:
            InputError: the checkpoint is of another run, or unreadable.
        """
        if not self._resume:
            if self._file.exists():
                log.warning("starting over, though %s is left of an unfinished run; --resume continues one", self._file)
            return None
        if not self._file.exists():
            log.info("nothing to resume at %s: starting from the beginning", self._file)
            return None
        try:
            with safe_open(self._file, framework="pt") as file:
                record = json.loads(file.metadata()["progress"])
                tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118  not a dict
            if record["identity"] == self._identity:
                progress = _restore(vae, optimiser, record, tensors)
                self._usable = True
                log.info("resuming after epoch %d", len(progress.history))
                return progress
        except (SafetensorError, OSError, KeyError, TypeError, ValueError, RuntimeError) as error:
            raise InputError(
                f"{self._file}: not a readable checkpoint ({error}); start again without --resume"
            ) from error
        raise InputError(
            f"{self._file} belongs to a run with other data, configuration or code; start again without --resume"
        )

    def save(self, vae: Autoencoder, optimiser: torch.optim.Adam, progress: Progress) -> None:
        """Write everything, then rename: a kill leaves the last whole checkpoint.

        Raises:
            OSError: the disk is full or the place cannot be written; names the file.
        """
        tensors = {f"weights.{name}": value.contiguous() for name, value in vae.state_dict().items()}
        tensors |= {f"best.{name}": value.contiguous() for name, value in progress.best.items()}
        for index, values in optimiser.state_dict()["state"].items():
            tensors |= {f"optimiser.{index}.{key}": value for key, value in values.items()}
        record = {
            "identity": self._identity,
            "best_epoch": progress.best_epoch,
            "best_objective": progress.best_objective,
            "seconds": progress.seconds,
            "history": [dataclasses.asdict(epoch) for epoch in progress.history],
        }
        raw = save(tensors, metadata={"progress": json.dumps(record)})
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            self._unfinished.write_bytes(raw)
            os.replace(self._unfinished, self._file)  # noqa: PTH105  the name says what matters here
        except OSError as error:
            self._remove_unfinished()
            raise OSError(
                f"{self._file}: cannot be written: {error.strerror}; make room there and try again"
                + (" with --resume" if self._usable else "")
            ) from error
        self._usable = True

    @contextmanager
    def continuable(self) -> Iterator[None]:
        """Have an interrupt say that the run can be continued, where it can.

        Raises:
            KeyboardInterrupt: the one that was caught, with advice.
        """
        try:
            yield
        except KeyboardInterrupt as interrupt:
            raise KeyboardInterrupt(*(["--resume continues it"] if self._usable else [])) from interrupt

    def discard(self) -> None:
        """Remove the file, and its folder where nothing else is in it."""
        self._file.unlink(missing_ok=True)
        self._remove_unfinished()

    def _remove_unfinished(self) -> None:
        self._unfinished.unlink(missing_ok=True)
        if self._file.parent.is_dir() and not any(self._file.parent.iterdir()):
            self._file.parent.rmdir()


def _restore(
    vae: Autoencoder, optimiser: torch.optim.Adam, record: dict[str, Any], tensors: dict[str, Tensor]
) -> Progress:
    vae.load_state_dict(_part(tensors, "weights."))
    steps = _part(tensors, "optimiser.")
    parameters = sum(len(group["params"]) for group in optimiser.param_groups)
    state = {
        index: {key: steps[f"{index}.{key}"] for key in ("step", "exp_avg", "exp_avg_sq")}
        for index in range(parameters)
        if f"{index}.step" in steps
    }
    optimiser.load_state_dict({"state": state, "param_groups": optimiser.state_dict()["param_groups"]})
    history = [EpochRecord(**fields) for fields in record["history"]]
    return Progress(history, _part(tensors, "best."), record["best_epoch"], record["best_objective"], record["seconds"])


def _part(tensors: dict[str, Tensor], prefix: str) -> dict[str, Tensor]:
    return {name.removeprefix(prefix): value for name, value in tensors.items() if name.startswith(prefix)}
