"""What every attack must meet: one error class of its own, and one plain sentence that names the file."""

from pathlib import Path

import pytest

from model.bundle import read_bundle
from model.errors import BundleError
from model.scorer import Scorer
from model.signing.trusted_keys import TrustedKeys

LONGEST_SENTENCE = 600


def load(bundle: Path, trusted: TrustedKeys | None = None) -> Scorer:
    """Take a bundle into use the way the service does."""
    scorer = Scorer(read_bundle(bundle, trusted))
    scorer.check_golden()
    return scorer


def assert_refused(bundle: Path, error: type[BundleError], *words: str, trusted: TrustedKeys | None = None) -> None:
    with pytest.raises(BundleError) as refused:
        load(bundle, trusted)
    sentence = str(refused.value)
    assert refused.type is error, sentence
    for word in words:
        assert word in sentence
    # Nothing from a hostile file may start a new line, move the cursor or flood a log.
    assert sentence.isprintable()
    assert len(sentence) - len(str(bundle)) < LONGEST_SENTENCE
