import resource
import signal
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

import training.fit
from model.errors import InputError
from model.vae import VAE
from training.checkpoint import Checkpoint
from training.config import FitConfig
from training.fit import Fitted, fit
from training.history import EpochRecord

ROWS = torch.randn(200, 4, generator=torch.Generator().manual_seed(0))
CONFIG = FitConfig(steps=500, batch_size=32)


class InterruptedByTest(Exception):
    pass


def new_vae() -> VAE:
    torch.manual_seed(3)
    return VAE(4, 2, (8, 8), "per_feature")


def fit_with(checkpoint: Checkpoint | None, stop_after: int | None = None) -> Fitted[VAE]:
    def on_epoch(record: EpochRecord, _epochs: int) -> None:
        if record.epoch == stop_after:
            raise InterruptedByTest

    return fit(new_vae(), ROWS[:150], ROWS[150:], CONFIG, 7, checkpoint, on_epoch)


@pytest.fixture(autouse=True)
def _save_after_every_epoch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(training.fit, "CHECKPOINT_INTERVAL_S", 0.0)


@pytest.mark.parametrize("stop_after", [1, 4, 9])
def test_an_interrupted_run_continues_to_the_same_weights_and_history(tmp_path: Path, stop_after: int) -> None:
    file = tmp_path / "checkpoint.safetensors"
    with pytest.raises(InterruptedByTest):
        fit_with(Checkpoint(file, "run", resume=False), stop_after)
    resumed = fit_with(Checkpoint(file, "run", resume=True))
    whole = fit_with(None)
    assert resumed.history.epochs == whole.history.epochs
    assert resumed.history.best_epoch == whole.history.best_epoch
    for name, value in whole.vae.state_dict().items():
        assert torch.equal(resumed.vae.state_dict()[name], value), name


def test_without_resume_a_checkpoint_is_not_read(tmp_path: Path) -> None:
    file = tmp_path / "checkpoint.safetensors"
    file.write_bytes(b"rubbish")
    assert Checkpoint(file, "run", resume=False).load(new_vae(), torch.optim.Adam(new_vae().parameters())) is None


def test_starting_over_beside_a_checkpoint_is_said(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    file = tmp_path / "checkpoint.safetensors"
    file.write_bytes(b"rubbish")
    with caplog.at_level("INFO", "plumbline.training"):
        Checkpoint(file, "run", resume=False).load(new_vae(), torch.optim.Adam(new_vae().parameters()))
    assert caplog.messages == [f"starting over, though {file} is left of an unfinished run; --resume continues one"]


def test_resuming_says_after_which_epoch(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    file = tmp_path / "checkpoint.safetensors"
    with pytest.raises(InterruptedByTest):
        fit_with(Checkpoint(file, "run", resume=False), stop_after=4)
    with caplog.at_level("INFO", "plumbline.training"):
        fit_with(Checkpoint(file, "run", resume=True))
    assert caplog.messages == ["resuming after epoch 3"]  # the fourth was told of before it was saved


@pytest.mark.parametrize(("saved", "advice"), [(True, ("--resume continues it",)), (False, ())])
def test_an_interrupt_advises_to_resume_where_something_was_saved(
    tmp_path: Path, saved: bool, advice: tuple[str, ...]
) -> None:
    checkpoint = Checkpoint(tmp_path / "checkpoint.safetensors", "run", resume=False)
    if saved:
        with pytest.raises(InterruptedByTest):
            fit_with(checkpoint, stop_after=3)
    with pytest.raises(KeyboardInterrupt) as interrupt, checkpoint.continuable():
        raise KeyboardInterrupt
    assert interrupt.value.args == advice


def test_a_checkpoint_that_cannot_be_written_is_named_and_leaves_nothing(tmp_path: Path) -> None:
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, limits[1]))
    try:
        with pytest.raises(OSError, match=r"checkpoint\.safetensors: cannot be written: File too large; make room"):
            fit_with(Checkpoint(tmp_path / ".training" / "checkpoint.safetensors", "run", resume=False))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, ignored)
    assert list(tmp_path.iterdir()) == []


def test_a_checkpoint_of_other_data_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "checkpoint.safetensors"
    with pytest.raises(InterruptedByTest):
        fit_with(Checkpoint(file, "one run", resume=False), stop_after=3)
    with pytest.raises(InputError, match="belongs to a run with other data, configuration or code"):
        fit_with(Checkpoint(file, "another run", resume=True))


@pytest.mark.parametrize("spoil", [lambda raw: b"", lambda raw: raw[: len(raw) // 2], lambda raw: b"\x00" * 64])
def test_a_spoilt_checkpoint_is_refused(tmp_path: Path, spoil: Callable[[bytes], bytes]) -> None:
    file = tmp_path / "checkpoint.safetensors"
    with pytest.raises(InterruptedByTest):
        fit_with(Checkpoint(file, "run", resume=False), stop_after=3)
    file.write_bytes(spoil(file.read_bytes()))
    with pytest.raises(InputError, match="not a readable checkpoint"):
        fit_with(Checkpoint(file, "run", resume=True))


def test_discarding_removes_the_file_and_its_empty_folder(tmp_path: Path) -> None:
    checkpoint = Checkpoint(tmp_path / ".training" / "checkpoint.safetensors", "run", resume=False)
    with pytest.raises(InterruptedByTest):
        fit_with(checkpoint, stop_after=3)
    checkpoint.discard()
    assert list(tmp_path.iterdir()) == []
