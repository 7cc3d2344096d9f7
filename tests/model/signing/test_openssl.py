"""What docs/bundle-format.md says of other programs, done with one: keys, their ids, and checking a signature."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from model.signing.add_signature import add_signature
from model.signing.signing_key import read_signing_key
from tests.service.bundles import put_bundle

PAGE = Path(__file__).parents[3] / "docs" / "bundle-format.md"
pytestmark = pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not installed")


def shell(commands: str, folder: Path) -> subprocess.CompletedProcess[str]:
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return subprocess.run(
        ["bash", "-euo", "pipefail", "-c", commands],
        cwd=folder,
        env=os.environ | {"PATH": path},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_documented_commands_name_the_key_and_check_the_signature(tmp_path: Path) -> None:
    bundle = put_bundle(tmp_path)
    made = shell("umask 077; openssl genpkey -algorithm ed25519 -out line.pem", tmp_path)
    assert made.returncode == 0, made.stderr
    key = read_signing_key(tmp_path / "line.pem", None)
    add_signature(bundle, key)
    shell("openssl pkey -in ../../line.pem -pubout -out line.pub.pem", bundle)
    section = PAGE.read_text("utf-8").split("\n## Signature\n")[1].split("\n## ")[0]
    (commands,) = re.findall(r"```\n(.*?)```", section, re.DOTALL)
    done = shell(commands, bundle)
    assert done.stdout.splitlines() == [key.key_id, "Signature Verified Successfully"], done.stderr
    with (bundle / "manifest.json").open("ab") as file:
        file.write(b" ")
    changed = shell(commands, bundle)
    assert changed.returncode != 0
    assert "Signature Verification Failure" in changed.stdout
