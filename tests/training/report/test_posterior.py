import numpy as np

from training.aggregated_posterior import AggregatedPosterior
from training.report.posterior import SHOWN, check_posterior, latent_rows, posterior_sentence


def found(moves: list[float], gap: float = 0.01, total_correlation: float = 0.02) -> AggregatedPosterior:
    size = len(moves)
    return AggregatedPosterior(100, np.arange(1.0, size + 1), np.array(moves), np.full(size, gap), total_correlation)


def test_a_latent_that_is_not_used_at_all_has_collapsed() -> None:
    finding = check_posterior(found([0.0, 0.009]))
    assert finding.tone == "caution"
    assert finding.headline == "The posterior has collapsed: the latent space is not used."


def test_few_latents_in_use_are_said_to_be_a_collapse_in_part() -> None:
    finding = check_posterior(found([0.9, 0.0, 0.0]))
    assert finding.tone == "note"
    assert finding.headline.startswith("The posterior has collapsed in part: 1 of 3")


def test_latents_in_use_have_not_collapsed_and_draws_are_like_the_process() -> None:
    finding = check_posterior(found([0.9, 0.5, 0.0]))
    assert finding.tone == "good"
    assert finding.headline.startswith("The posterior has not collapsed: 2 of 3")
    assert "draws from the prior should be like the process" in finding.detail


def test_a_posterior_far_from_the_prior_is_said_to_be_drawn_from_itself() -> None:
    assert "draw from the aggregated posterior instead" in check_posterior(found([0.9, 0.9], gap=2.0)).detail


def test_the_sentence_of_the_log_holds_no_space_that_a_search_would_miss() -> None:
    assert posterior_sentence(found([0.9])).isascii()


def test_the_table_lists_the_busiest_latents_first() -> None:
    rows = latent_rows(found([0.5] * (SHOWN + 5)))
    assert len(rows) == SHOWN
    assert [rows[0].number, rows[1].number] == [SHOWN + 5, SHOWN + 4]
    assert rows[0].active
