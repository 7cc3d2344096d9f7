"""Answers to score requests without explanations, in the form that the client would have."""

from collections.abc import Sequence

from model.scorer import Scores
from service.formats.arrow_messages import ARROW
from service.hot_path.results import Results, answer_of
from service.registry.models import ServedModel
from service.request_body import JSON


def write_answer(
    ids: Sequence[str | int | None], scores: Scores, model: ServedModel, request_id: str, arrow: bool
) -> tuple[str, bytes]:
    """Write the answer to a score request, and name its content type."""
    if arrow:
        # Its library takes long to load, and most services never need it.
        from service.formats.arrow_results import write_arrow

        return ARROW, write_arrow(ids, scores, model, request_id)
    named = None if ids.count(None) == len(ids) else ids
    return JSON, answer_of(model, request_id, Results(scores).written(0, len(ids), named))
