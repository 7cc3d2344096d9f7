"""The way of a signature through every command: a key is made, training signs, and whoever reads asks for it."""

from pathlib import Path

import pytest

from model.bundle import read_bundle
from model.errors import BundleUnsignedError
from model.signing.trusted_keys import read_trusted_keys
from tests.end_to_end.commands import command
from tests.samples import FEATURES, clean_rows
from tests.service.bundles import put_bundle

QUICK = "target_fpr = 0.02\n[vae]\nhidden = [16, 16]\n[fit]\nsteps = 150\n[suspects]\nfolds = 0\n"
BUNDLE = "models/pump/1"
NEEDED = "the signature of a trusted key, found none"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("plant")
    lines = (",".join(f"{value:.9g}" for value in row) for row in clean_rows(1500))
    (folder / "clean.csv").write_text("\n".join((",".join(feature.name for feature in FEATURES), *lines)))
    (folder / "train.toml").write_text(QUICK)
    command(folder, "model.signing.command", "keygen", "line.pem")
    arguments = ("clean.csv", "--out", "models/pump", "--config", "train.toml", "--signing-key", "line.pem")
    command(folder, "training.command", *arguments)
    put_bundle(folder / "unsigned")
    return folder


READERS = {
    "verify": ("model.verification.command", ("{bundle}",), 3),
    "rescore": ("service.rescore.command", ("clean.csv", "--bundle", "{bundle}", "--out", "{out}"), 2),
    "generate": ("service.generation.command", ("{bundle}", "--out", "{out}.csv"), 2),
    "inspect": ("training.inspection.command", ("{bundle}",), 2),
    "calibrate": (
        "training.recalibration.command",
        ("{bundle}", "--target-fpr", "0.05", "--out", "{out}/pump"),
        2,
    ),
}


@pytest.mark.parametrize("reader", READERS)
def test_whoever_reads_may_ask_for_a_signature(folder: Path, reader: str) -> None:
    module, arguments, code = READERS[reader]

    def read(bundle: str, expected: int) -> str:
        filled = [argument.format(bundle=bundle, out=f"of-{reader}") for argument in arguments]
        return command(folder, module, *filled, "--trusted-keys", "line.pub.pem", code=expected)

    assert NEEDED in " ".join(read("unsigned/pump/1", code).split())
    read(BUNDLE, 0)


def test_training_signs_what_it_writes(folder: Path) -> None:
    trusted = read_trusted_keys(folder / "line.pub.pem")
    assert read_bundle(folder / BUNDLE, trusted).signed_by in trusted.keys


def test_a_new_threshold_is_signed_by_whoever_sets_it(folder: Path) -> None:
    trusted = read_trusted_keys(folder / "line.pub.pem")
    arguments = (BUNDLE, "--target-fpr", "0.1", "--out")
    command(folder, "training.recalibration.command", *arguments, "nobodys/pump")
    with pytest.raises(BundleUnsignedError):
        read_bundle(folder / "nobodys/pump/1", trusted)
    command(folder, "training.recalibration.command", *arguments, "ours/pump", "--signing-key", "line.pem")
    read_bundle(folder / "ours/pump/1", trusted)


def test_a_key_that_cannot_sign_is_told_before_anything_is_trained(folder: Path) -> None:
    arguments = ("clean.csv", "--out", "models/pump", "--signing-key", "line.pub.pem")
    (folder / "line.pub.pem").chmod(0o600)
    told = command(folder, "training.command", *arguments, code=2)
    assert told == "error: line.pub.pem: expected an Ed25519 private key as PEM, found something else\n"
