import re
from typing import Any

import yaml

from tests.docker.programs import ROOT, run

HOOKS: list[dict[str, Any]] = [
    hook
    for repository in yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())["repos"]
    for hook in repository["hooks"]
]


def test_the_configuration_is_valid() -> None:
    checked = run("pre-commit", "validate-config")
    assert checked.returncode == 0, checked.stdout


def test_every_hook_runs_a_tool_that_is_already_here() -> None:
    assert {hook["language"] for hook in HOOKS} == {"system"}


def test_a_commit_is_checked_as_make_check_checks() -> None:
    recipe = re.search(r"^check:.*\n((?:\t.*\n)+)", (ROOT / "Makefile").read_text(), flags=re.MULTILINE)
    assert recipe is not None
    made = {
        re.sub(r" (\.|docker/\S+)$", "", line) for line in re.findall(r"^\t\$\(BIN\)/(.*)$", recipe[1], re.MULTILINE)
    }
    assert {hook["entry"].removesuffix(" --force-exclude") for hook in HOOKS} == made
