"""Telling Prometheus how many streams there are, whoever keeps them."""

import logging

from service.errors import StreamsUnavailableError
from service.metrics import Metrics
from service.registry.models import Models
from service.streams.judging import alarm_rule, window_length
from service.streams.store import StreamStore

log = logging.getLogger("plumbline.alarm")


def count_streams(models: Models, streams: StreamStore, metrics: Metrics, now: float) -> None:
    """Count each model's streams at ``now``; where they cannot be read, the log says so and the figures stay."""
    for named in models:
        model = named.served
        if model is None or model.manifest.modality == "image":
            continue
        unjudged_after = alarm_rule(model).unjudged_after + window_length(model) - 1
        try:
            counts = streams.count(model.name, unjudged_after, now)
        except StreamsUnavailableError as error:
            log.warning("streams cannot be counted", extra={"fields": {"model": model.name, "reason": str(error)}})
            return
        metrics.describe_streams(model.name, counts)
