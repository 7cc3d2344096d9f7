from pathlib import Path

import pytest

from benchmarks.quality import provenance
from benchmarks.quality.provenance import code_digest


def test_the_digest_follows_imports_and_minds_neither_comments_nor_strangers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(provenance, "ROOT", tmp_path)
    for name, text in {
        "training/learn.py": "from model import vae\nimport numpy\n",
        "model/vae.py": "from training.fit import steps\n",
        "training/fit.py": "steps = 3000\n",
        "training/report.py": "title = 'Report'\n",
    }.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    before = code_digest("training.learn")
    (tmp_path / "training/fit.py").write_text("# so many\nsteps  =  3000\n")
    (tmp_path / "training/report.py").write_text("title = 'Another'\n")
    assert code_digest("training.learn") == before
    (tmp_path / "training/fit.py").write_text("steps = 3001\n")
    assert code_digest("training.learn") != before
