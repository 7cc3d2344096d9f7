"""``plumbline-verify`` as a user runs it: a process of its own, with torch and all that trains out of reach."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

from tests.attacks.sealing import forged_manifest
from tests.golden.bundle import GOLDEN_BUNDLE

ABSENT = ("torch", "scipy", "sklearn", "matplotlib", "jinja2")
PROGRAM = f"""
import sys
sys.modules.update(dict.fromkeys({ABSENT!r}))
from model.verification.command import main
main()
"""


def verify(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", PROGRAM, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_a_sound_bundle_is_verified_without_torch_and_scipy() -> None:
    finished = verify(GOLDEN_BUNDLE)
    assert (finished.returncode, finished.stderr) == (0, "")
    assert finished.stdout.count(" passed ") == 8
    assert "verified; digest" in finished.stdout


def test_a_failed_check_is_exit_code_3_and_the_others_are_still_told(tmp_path: Path) -> None:
    bundle = tmp_path / "pump" / "1"
    shutil.copytree(GOLDEN_BUNDLE, bundle)
    (bundle / "decoder.onnx").unlink()
    finished = verify(bundle, GOLDEN_BUNDLE, "--json")
    assert (finished.returncode, finished.stderr) == (3, "")
    bad, good = json.loads(finished.stdout)
    assert (bad["passed"], good["passed"]) == (False, True)
    assert [check["outcome"] for check in bad["checks"]] == ["not applicable", "passed", "failed", *["not run"] * 6]
    assert good["name"] == "pump"
    assert good["checks"][7]["figures"]["allowed_error"] == 1e-4


def test_no_bundle_is_exit_code_2_and_one_sentence(tmp_path: Path) -> None:
    finished = verify(tmp_path / "nowhere")
    assert (finished.returncode, finished.stdout) == (2, "")
    assert finished.stderr.startswith("error: ")
    assert len(finished.stderr.splitlines()) == 1


def test_text_of_a_bundle_steers_no_terminal(tmp_path: Path) -> None:
    bundle = tmp_path / "pump" / "\x1b[2J1"
    shutil.copytree(GOLDEN_BUNDLE, bundle)
    with forged_manifest(bundle) as manifest:
        manifest["files"]["\x1b[31mred"] = manifest["files"]["golden.npz"]
    finished = verify(bundle)
    assert finished.returncode == 3
    assert "\x1b" not in finished.stdout
    assert "\\x1b[2J1" in finished.stdout
