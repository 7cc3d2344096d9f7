"""The graphs of a window detector against NumPy, and exported: the same to the bit in any batch."""

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from model.decoder import Decoder
from model.detector_graphs import DetectorGraphs
from model.encoder import Encoder
from model.graph_check import check_graph, signatures
from model.raw_scorer import RawScorer
from model.window_detector import WindowMetric, spans_of, window_graphs
from model.window_units import WindowUnits
from model.window_vae import WindowVAE
from training.export import ExportedGraphs, export_graphs

Array = NDArray[np.float64]

STEPS, CHANNELS = 10, 3
LOCATION, SCALE = np.array([8.0, 120.0, 1e6]), np.array([0.5, 6.0, 0.01])
BOUND = 4.0


def graphs(wanders: tuple[bool, ...] = (False, True, False), seed: int = 0) -> DetectorGraphs:
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    bounds = torch.full((CHANNELS,), BOUND, dtype=torch.float64)
    lines = 2 * sum(wanders)
    units = WindowUnits(
        STEPS,
        torch.from_numpy(LOCATION),
        torch.from_numpy(SCALE),
        torch.tensor(wanders),
        -bounds,
        bounds,
        torch.from_numpy(rng.normal(size=lines)),
        torch.from_numpy(rng.uniform(1, 2, size=lines)),
    )
    spans = spans_of(STEPS)
    metric = WindowMetric(spans, torch.from_numpy(rng.uniform(0.1, 1, size=(len(spans), CHANNELS))))
    return window_graphs(WindowVAE(STEPS, CHANNELS, 2), units, metric)


def windows(count: int, seed: int = 0) -> Array:
    return LOCATION + SCALE * np.random.default_rng(seed).normal(size=(count, STEPS, CHANNELS))


def answers(detector: DetectorGraphs, x: Array) -> tuple[Array, Array, Array]:
    with torch.no_grad():
        score, reconstruction, contribution = detector.exact().scorer(torch.from_numpy(x))
    return score.numpy(), reconstruction.numpy(), contribution.numpy()


@pytest.fixture(scope="module", params=[(False, True, False), (False, False, False)], ids=["one wanders", "none"])
def exported(request: pytest.FixtureRequest) -> tuple[DetectorGraphs, ExportedGraphs]:
    detector = graphs(request.param)
    return detector, export_graphs(detector)


def test_spans_are_powers_of_four_within_the_window() -> None:
    assert [spans_of(steps) for steps in (1, 3, 4, 16, 63, 64)] == [
        (1,), (1,), (1, 4), (1, 4, 16), (1, 4, 16), (1, 4, 16, 64),
    ]  # fmt: skip


def test_the_score_is_the_root_mean_square_of_the_energies_of_span_means() -> None:
    detector, x = graphs((False, False, False)), windows(20)
    score, reconstruction, _ = answers(detector, x)
    residual = (x - reconstruction) / SCALE
    mean_square = detector.scorer.get_buffer("inverse_mean_square").numpy() ** -1
    means = np.stack([residual[:, -span:].mean(axis=1) for span in (1, 4)], axis=1)
    energies = means**2 / mean_square
    np.testing.assert_allclose(score, np.sqrt((energies**2).mean(axis=(1, 2))), rtol=1e-6)


def test_contributions_add_up_to_the_square_of_the_score() -> None:
    score, _, contribution = answers(graphs(), windows(20))
    assert (contribution >= 0).all()
    np.testing.assert_allclose(contribution.sum(axis=(1, 2)), score**2, rtol=1e-12)


def test_a_spike_in_one_reading_gives_that_reading_the_largest_contribution() -> None:
    x = windows(50)
    x[:, -2, 2] += 30 * SCALE[2]
    _, _, contribution = answers(graphs(), x)
    assert (contribution.reshape(50, -1).argmax(axis=1) == (STEPS - 2) * CHANNELS + 2).all()


def test_a_channel_that_wanders_is_not_held_to_its_level_nor_to_its_slope() -> None:
    x = windows(20)
    moved = x.copy()
    moved[:, :, 1] += 40 * SCALE[1] + np.arange(STEPS) * 3 * SCALE[1]
    detector = graphs()
    before, after = answers(detector, x), answers(detector, moved)
    np.testing.assert_allclose(after[0], before[0], rtol=1e-9)
    # The reconstruction goes along.
    np.testing.assert_allclose(after[1] - before[1], moved - x, rtol=1e-9, atol=1e-9)


def test_a_channel_that_wanders_still_shows_a_step_within_the_window() -> None:
    x = windows(20)
    moved = x.copy()
    moved[:, -3:, 1] += 50 * SCALE[1]
    detector = graphs()
    assert (answers(detector, moved)[0] > answers(detector, x)[0]).all()


def test_exported_graphs_fit_the_format(exported: tuple[DetectorGraphs, ExportedGraphs]) -> None:
    detector, files = exported
    assert detector.latent is not None
    for name, signature in signatures(detector.form, detector.latent.size).items():
        check_graph(files.files()[name], signature, name)


def test_a_window_scores_the_same_to_the_bit_in_any_batch(exported: tuple[DetectorGraphs, ExportedGraphs]) -> None:
    raw, x = RawScorer(exported[1].scorer), windows(130)
    together = raw.scores(x)
    for batch in (1, 2, 3, 7, 64):
        parts = [raw.scores(x[start : start + batch]) for start in range(0, len(x), batch)]
        assert np.array_equal(np.concatenate(parts), together), f"batches of {batch}"
    explained, alone = raw.explain(x), [raw.explain(x[index : index + 1]) for index in range(20)]
    assert np.array_equal(explained.contribution[:20], np.concatenate([one.contribution for one in alone]))


def test_the_exported_scorer_is_the_torch_model_s(exported: tuple[DetectorGraphs, ExportedGraphs]) -> None:
    detector, files = exported
    x = windows(50)
    score, reconstruction, _ = answers(detector, x)
    raw = RawScorer(files.scorer)
    np.testing.assert_allclose(raw.scores(x), score, rtol=1e-5)
    np.testing.assert_allclose((raw.explain(x).reconstruction - reconstruction) / SCALE, 0, atol=1e-5)


def test_decoding_what_was_encoded_gives_the_reconstruction(exported: tuple[DetectorGraphs, ExportedGraphs]) -> None:
    _, files = exported
    assert files.encoder is not None
    assert files.decoder is not None
    x = windows(10)
    x[:, :, 1] += np.arange(10)[:, None] * SCALE[1]
    decoded = Decoder(files.decoder).decode(Encoder(files.encoder).encode(x).mean)
    expected = RawScorer(files.scorer).explain(x).reconstruction
    np.testing.assert_allclose((decoded - expected) / SCALE, 0, atol=1e-5)
