from pathlib import Path

import pytest
from pydantic import ValidationError

from model.errors import InputError
from training.config import TrainingConfig
from training.config_file import load_config


def write(folder: Path, text: str) -> Path:
    file = folder / "train.toml"
    file.write_text(text)
    return file


def test_flags_lie_over_the_file_and_the_file_over_the_defaults(tmp_path: Path) -> None:
    file = write(tmp_path, "target_fpr = 0.02\nseed = 4\n[split]\ngap = 7\n")
    config = load_config(file, {"seed": 5, "split.by": "random", "target_fpr": None})
    assert (config.target_fpr, config.seed, config.split.gap, config.split.by) == (0.02, 5, 7, "random")
    assert config.fit.patience == TrainingConfig().fit.patience


def test_an_unknown_key_is_named_with_the_keys_there_are(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"fit\.step: unknown key .known keys: steps, batch_size"):
        load_config(write(tmp_path, "[fit]\nstep = 10\n"), {})


def test_an_unknown_key_of_a_feature_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"features\.P3\.units.*known keys: unit, low, high"):
        load_config(write(tmp_path, '[features.P3]\nunits = "bar"\n'), {})


def test_an_impossible_value_is_named_with_what_was_found(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"target_fpr: expected less than 1, found 1\.5"):
        load_config(write(tmp_path, "target_fpr = 1.5\n"), {})


@pytest.mark.parametrize("text", ["seed = ", "[a", "\x00"])
def test_a_file_that_is_no_toml_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(InputError, match="not a readable TOML file"):
        load_config(write(tmp_path, text), {})


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such configuration file"):
        load_config(tmp_path / "absent.toml", {})


def test_a_split_by_group_needs_the_group_column() -> None:
    with pytest.raises(InputError, match=r"needs data\.group"):
        load_config(None, {"split.by": "group"})


def test_a_single_fold_has_nobody_to_judge_it() -> None:
    with pytest.raises(InputError, match=r"suspects\.folds is at least 2.*or 0 to look for none"):
        load_config(None, {"suspects.folds": 1})


def test_a_review_rate_must_be_looser_than_the_alarm_rate() -> None:
    with pytest.raises(InputError, match=r"review_fpr \(0\.01\) must be looser than target_fpr \(0\.01\)"):
        load_config(None, {"calibration.review_fpr": 0.01})


def test_the_parts_must_leave_rows_to_train_on() -> None:
    with pytest.raises(InputError, match="must leave at least 5 %"):
        load_config(None, {"split.validation": 0.5, "split.calibration": 0.46})


def test_declaring_a_feature_that_is_not_there_is_refused() -> None:
    config = load_config(None, {"features.P9.unit": "bar"})
    with pytest.raises(InputError, match="does not have: 'P9'; the data has 'P1', 'P2'"):
        config.feature_spec(("P1", "P2"))


def test_declared_units_and_ranges_reach_the_feature_spec() -> None:
    config = load_config(None, {"features.P1.unit": "bar", "features.P1.low": 0.0})
    feature = config.feature_spec(("P1", "P2")).features[0]
    assert (feature.unit, feature.low, feature.high) == ("bar", 0.0, None)


def test_the_digest_follows_the_values_not_their_origin(tmp_path: Path) -> None:
    file = write(tmp_path, "seed = 3\n")
    assert load_config(file, {}).sha256() == load_config(None, {"seed": 3}).sha256()
    assert load_config(None, {"seed": 4}).sha256() != load_config(None, {"seed": 3}).sha256()


def test_a_column_name_that_cannot_be_a_feature_is_refused() -> None:
    with pytest.raises(
        InputError, match="feature name: expected one line of text without control characters, found 'two.nlines'"
    ):
        load_config(None, {}).feature_spec(("P1", "two\nlines"))


@pytest.mark.parametrize(
    ("key", "value", "sentence"),
    [
        ("seed", 1.5, "seed: expected a whole number, found 1.5"),
        ("target_fpr", "low", "target_fpr: expected a number, found 'low'"),
        ("fit.steps", 0, "fit.steps: expected greater than or equal to 1, found 0"),
        ("fit", 3, "fit: expected a section, found 3"),
        ("vae.hidden", [8] * 9, "vae.hidden: expected at most 8 of them, found [8, 8, ...]"),
        (
            "score",
            "best",
            "score: expected 'l2', 'standardized', 'mahalanobis', 'joint' or 'neighbourhood', found 'best'",
        ),
        ("split.by", "group", "split.by = 'group' needs data.group, the column that names each row's group"),
        ("n" * 500, 1, f"'{'n' * 70}"),
    ],
)
def test_faults_are_told_in_plain_words(key: str, value: object, sentence: str) -> None:
    with pytest.raises(InputError) as refused:
        load_config(None, {key: value})
    assert str(refused.value).startswith(f"configuration: {sentence}")


def test_a_feature_name_that_is_too_long_is_shown_in_short() -> None:
    with pytest.raises(InputError) as refused:
        load_config(None, {}).feature_spec(("n" * 5000,))
    assert "feature name: expected at most 200 characters, found 'nnn" in str(refused.value)
    assert len(str(refused.value)) < 300


def test_a_configuration_written_out_whole_is_read_again() -> None:
    config = TrainingConfig.model_validate({"modality": "image", "image": {"resize": [64, 48]}, "seed": 3})
    assert TrainingConfig.model_validate(config.model_dump(mode="json")) == config
    plain = TrainingConfig()
    assert TrainingConfig.model_validate(plain.model_dump(mode="json")) == plain


@pytest.mark.parametrize(
    ("section", "of"), [("window", {"length": 9}), ("image", {"latent_size": 3}), ("backbone", {"licence": "MIT"})]
)
def test_a_section_of_another_modality_is_refused(section: str, of: dict[str, object]) -> None:
    with pytest.raises(ValidationError, match=f"the section {section} is for modality"):
        TrainingConfig.model_validate({section: of})
