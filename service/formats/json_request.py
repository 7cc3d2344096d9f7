"""JSON bodies as requests: read fast where they are plain, with care where they are not."""

from model.features import FeatureSpec
from service.formats.json_rows import read_plain
from service.limits import Limits
from service.sample_request import FIELDS, SampleRequest, parse_request, read_explain, read_ids, read_purify


def read_json_request(
    body: bytes, spec: FeatureSpec, limits: Limits, fields: frozenset[str] = FIELDS, steps: int | None = None
) -> SampleRequest:
    """Read a request as ``parse_request`` does, most of them in a third of the time. Raises like it."""
    plain = read_plain(body, len(spec), limits.samples, steps)
    if plain is None or not fields.issuperset(plain.others):
        return parse_request(body, spec, limits, fields, steps)
    x, others = plain.x, plain.others
    explain = read_explain(others, len(x), x[0].size, limits)
    purify = read_purify(others, len(x), x[0].size, limits)
    return SampleRequest(x, {}, read_ids(others, len(x)), explain, purify)
