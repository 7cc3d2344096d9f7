"""Damage that nobody thought of: bytes changed, cut out and put in at random, with digests that fit."""

import random
import shutil
from pathlib import Path

import pytest

from model.errors import BundleError
from tests.attacks.refusal import load
from tests.attacks.sealing import LISTED, put_sealed
from tests.golden.bundle import GOLDEN_BUNDLE

ROUNDS = 60


def damaged(raw: bytes, draw: random.Random) -> bytes:
    spoilt = bytearray(raw)
    for _ in range(draw.choice([1, 1, 2, 8])):
        # The headers of every format here lie in its first few hundred bytes.
        place = draw.randrange(draw.choice([len(spoilt) + 1, min(len(spoilt) + 1, 400)]))
        how = draw.random()
        if how < 0.6:
            spoilt[place : place + 1] = draw.randbytes(1)
        elif how < 0.8:
            del spoilt[place : place + draw.randint(1, 40)]
        else:
            spoilt[place:place] = draw.randbytes(draw.randint(1, 10))
    return bytes(spoilt)


def refusal(bundle: Path) -> str | None:
    """Give the sentence of a refusal; whatever else is raised fails the test."""
    try:
        load(bundle)
    except BundleError as error:
        return str(error)
    return None


@pytest.mark.parametrize("name", [name for name in LISTED if not name.startswith("report/")])
def test_damage_is_refused_in_a_sentence_or_does_no_harm(tmp_path: Path, name: str) -> None:
    draw = random.Random(name)
    sentences = []
    for round_ in range(ROUNDS):
        bundle = tmp_path / str(round_)
        shutil.copytree(GOLDEN_BUNDLE, bundle)
        put_sealed(bundle, name, damaged((bundle / name).read_bytes(), draw))
        sentences.append(refusal(bundle))
    assert sum(sentence is not None for sentence in sentences) > ROUNDS // 3
    assert all(sentence is None or sentence.isprintable() for sentence in sentences)


def test_a_damaged_manifest_is_refused_in_a_sentence_or_does_no_harm(tmp_path: Path) -> None:
    draw = random.Random(0)
    bundle = tmp_path / "1"
    shutil.copytree(GOLDEN_BUNDLE, bundle)
    original = (bundle / "manifest.json").read_bytes()
    sentences = []
    for _ in range(10 * ROUNDS):
        (bundle / "manifest.json").write_bytes(damaged(original, draw))
        sentences.append(refusal(bundle))
    assert sum(sentence is not None for sentence in sentences) > 5 * ROUNDS
    assert all(sentence is None or sentence.isprintable() for sentence in sentences)
