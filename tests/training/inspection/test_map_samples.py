from pathlib import Path

import numpy as np
import pytest

from model.bundle import read_bundle
from model.encoder import Encoder
from model.errors import InputError
from tests.golden.bundle import GOLDEN_BUNDLE
from tests.samples import FEATURES, clean_rows
from training.inspection.map_samples import MapSamples, colour_by, read_map_samples

BUNDLE = read_bundle(GOLDEN_BUNDLE)
assert BUNDLE.encoder is not None
ENCODER = Encoder(BUNDLE.encoder)


def read(file: Path, column: str | None) -> MapSamples:
    return read_map_samples(str(file), column, ENCODER, BUNDLE.manifest.feature_spec)


@pytest.fixture
def samples(tmp_path: Path) -> Path:
    """Write six rows with a label; the second lacks its flow."""
    lines = [",".join([*(feature.name for feature in FEATURES), "kind"])]
    for number, row in enumerate(clean_rows(6)):
        cells = ["" if (number, column) == (1, 1) else repr(float(value)) for column, value in enumerate(row)]
        lines.append(",".join([*cells, "ab"[number % 2]]))
    file = tmp_path / "s.csv"
    file.write_text("\n".join(lines) + "\n")
    return file


def test_valid_rows_are_placed_by_their_posterior_mean_and_keep_their_label(samples: Path) -> None:
    found = read(samples, "kind")
    valid = clean_rows(6)[[0, 2, 3, 4, 5]]
    np.testing.assert_array_equal(found.latents, ENCODER.encode(valid).mean)
    assert found.colouring.labels == ("a", "b")
    np.testing.assert_array_equal(found.colouring.values, [0, 0, 1, 0, 1])
    assert found.invalid == 1


def test_without_a_column_rows_are_coloured_by_their_order(samples: Path) -> None:
    colouring = read(samples, None).colouring
    assert (colouring.title, colouring.labels, colouring.ends) == ("row", (), ("first", "last"))
    np.testing.assert_array_equal(colouring.values, np.arange(5))


def test_a_column_that_is_not_there_is_named(samples: Path) -> None:
    with pytest.raises(InputError, match="expected columns 'fault', which it lacks"):
        read(samples, "fault")


def test_files_without_a_valid_row_have_no_map(samples: Path) -> None:
    lines = samples.read_text().splitlines()
    samples.write_text("\n".join([lines[0], lines[2]]) + "\n")
    with pytest.raises(InputError, match="holds no valid row to put on a map"):
        read(samples, None)


def test_many_numbers_are_a_scale() -> None:
    colouring = colour_by("load", [str(value) for value in range(-3, 20)])
    assert (colouring.labels, colouring.ends) == ((), ("-3", "19"))
    np.testing.assert_array_equal(colouring.values, np.arange(-3.0, 20.0))


def test_many_times_are_a_scale_in_their_order() -> None:
    times = [f"2026-01-{day:02d}" for day in range(20, 0, -1)]
    colouring = colour_by("time", times)
    assert colouring.ends == ("2026-01-01", "2026-01-20")
    np.testing.assert_array_equal(colouring.values, np.arange(19, -1, -1))


def test_numbers_without_a_value_among_many_have_no_colour() -> None:
    with pytest.raises(InputError, match="column 'load' holds values that are missing or infinite"):
        colour_by("load", [*map(str, range(20)), "nan"])


def test_an_empty_label_is_called_none() -> None:
    assert colour_by("fault", [None, "leak", None]).labels == ("none", "leak")
