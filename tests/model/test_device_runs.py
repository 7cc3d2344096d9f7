"""What runs on a GPU, run on the CPU: the same buffers, the same padding, and nothing captured."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import onnx
import pytest

from model.bundle import read_bundle
from model.device_runs import DeviceRuns, device_runs
from model.inference import keep_outputs, open_session
from model.raw_scorer import CHUNK, RawScorer
from tests.samples import clean_rows
from tests.service.bundles import PUMP

GRAPH = keep_outputs(onnx.load_model_from_string(read_bundle(PUMP).scorer), {"score"})
PLAIN = open_session(GRAPH, "cpu")


@pytest.fixture(scope="module")
def runs() -> DeviceRuns:
    found = device_runs(GRAPH, PLAIN, CHUNK)
    assert found is not None
    return found


@pytest.mark.parametrize("count", [1, 2, 16, 17, 128, 200, CHUNK])
def test_padded_batches_score_as_plain_ones(runs: DeviceRuns, count: int) -> None:
    x = clean_rows(count)
    np.testing.assert_array_equal(runs.scores(x), RawScorer(read_bundle(PUMP).scorer).scores(x))


def test_scores_are_the_callers_to_keep(runs: DeviceRuns) -> None:
    first = runs.scores(clean_rows(3))
    kept = first.copy()
    runs.scores(clean_rows(3) + 1)
    np.testing.assert_array_equal(first, kept)


def test_threads_do_not_see_each_others_samples(runs: DeviceRuns) -> None:
    rows = clean_rows(200)
    expected = RawScorer(read_bundle(PUMP).scorer).scores(rows)
    with ThreadPoolExecutor(4) as threads:
        found = [*threads.map(lambda row: runs.scores(rows[row : row + 1])[0], range(len(rows)))]
    np.testing.assert_array_equal(found, expected)


def test_a_graph_that_does_not_score_as_it_should_is_not_run_so() -> None:
    changed = onnx.ModelProto()
    changed.CopyFrom(GRAPH)
    for weight in changed.graph.initializer:
        if weight.data_type == onnx.TensorProto.FLOAT:
            values = onnx.numpy_helper.to_array(weight)
            weight.CopyFrom(onnx.numpy_helper.from_array(values * np.float32(1.01), weight.name))
    assert device_runs(changed, PLAIN, CHUNK) is None
