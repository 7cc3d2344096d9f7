"""``plumbline-sign`` as a user runs it: keys, signatures and who is told of them."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from model.bundle import read_bundle
from model.signing.command import app
from model.signing.trusted_keys import read_trusted_keys
from tests.service.bundles import put_bundle

ROOT = Path(__file__).parents[3]


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in os.environ:
        if name.startswith("PLUMBLINE_"):
            monkeypatch.delenv(name)


def run(*arguments: object, **environment: str) -> Result:
    return CliRunner().invoke(app, [*map(str, arguments)], env=environment)


def test_a_key_is_made_a_bundle_signed_and_the_signer_told() -> None:
    made = run("keygen", "line.pem")
    assert made.exit_code == 0, made.output
    bundle = put_bundle(Path("models"))
    assert run("show", bundle).output == f"{bundle}: not signed\n"
    signed = run("sign", bundle, "--signing-key", "line.pem")
    assert signed.exit_code == 0, signed.output
    trusted = read_trusted_keys(Path("line.pub.pem"))
    (key_id,) = trusted.keys
    digest = read_bundle(bundle, trusted).digest
    assert signed.output == f"{bundle}: digest {digest} signed by key {key_id}\n"
    shown = run("show", bundle, "line.pub.pem").output
    assert shown == f"{bundle}: says it is signed by key {key_id}\nline.pub.pem: key {key_id}\n"


def test_the_private_key_is_its_owners_alone_whatever_the_mask() -> None:
    mask = os.umask(0)
    try:
        assert run("keygen", "line.pem").exit_code == 0
    finally:
        os.umask(mask)
    assert Path("line.pem").stat().st_mode & 0o777 == 0o600


def test_a_key_with_a_password_signs_where_the_password_is_known() -> None:
    assert run("keygen", "line.pem", PLUMBLINE_SIGNING_KEY_PASSWORD="secret").exit_code == 0
    assert b"ENCRYPTED" in Path("line.pem").read_bytes()
    bundle = put_bundle(Path("models"))
    refused = run("sign", bundle, PLUMBLINE_SIGNING_KEY="line.pem")
    assert (refused.exit_code, "set PLUMBLINE_SIGNING_KEY_PASSWORD" in refused.output) == (2, True)
    assert run("sign", bundle, PLUMBLINE_SIGNING_KEY="line.pem", PLUMBLINE_SIGNING_KEY_PASSWORD="secret").exit_code == 0


def test_keys_are_never_overwritten() -> None:
    assert run("keygen", "line.pem").exit_code == 0
    before = Path("line.pem").read_bytes()
    assert run("keygen", "line.pem").exit_code == 2
    Path("line.pem").rename("other.pem")
    again = run("keygen", "line.pem")
    assert (again.exit_code, again.output) == (
        2,
        "error: line.pub.pem: is already there; outputs are never overwritten\n",
    )
    assert Path("other.pem").read_bytes() == before
    assert not Path("line.pem").exists()


def test_what_cannot_be_done_is_one_sentence_and_exit_code_2() -> None:
    bundle = put_bundle(Path("models"))
    for arguments in (
        ("sign", bundle),
        ("sign", bundle, "--signing-key", "nowhere.pem"),
        ("sign", "nowhere", "--signing-key", "nowhere.pem"),
        ("keygen", "key.txt"),
        ("show", "nowhere"),
    ):
        done = run(*arguments)
        assert done.exit_code == 2, done.output
        assert done.output.startswith("error: ")
        assert len(done.output.splitlines()) == 1


def test_nothing_that_serves_or_verifies_loads_cryptography_before_it_is_asked_for() -> None:
    program = (
        "import sys, service.command, service.rescore.command, service.generation.command, model.verification.command, "
        "model.bundle_writer, model.signing.command; print([name for name in sys.modules if 'cryptography' in name])"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert json.loads(done.stdout.replace("'", '"')) == []
