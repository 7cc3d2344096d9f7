import numpy as np
import onnx
import pytest
from onnx import helper

from model.bundle import read_bundle
from model.decoder import Decoder
from model.encoder import Encoder
from model.errors import BundleGraphError
from model.raw_scorer import CHUNK, RawScorer
from tests.golden.bundle import GOLDEN_BUNDLE
from tests.samples import clean_rows

BUNDLE = read_bundle(GOLDEN_BUNDLE)
assert BUNDLE.encoder is not None
assert BUNDLE.decoder is not None
ENCODER, DECODER = BUNDLE.encoder, BUNDLE.decoder


def test_posterior_means_decode_to_what_the_scorer_reconstructs() -> None:
    x = clean_rows(CHUNK + 3)
    decoded = Decoder(DECODER).decode(Encoder(ENCODER).encode(x).mean)
    expected = RawScorer(BUNDLE.scorer).explain(x).reconstruction
    np.testing.assert_allclose(decoded, expected, rtol=0, atol=1e-5)


def test_a_graph_that_loses_samples_is_refused() -> None:
    graph = onnx.load_model_from_string(DECODER)
    final = next(node for node in graph.graph.node if "reconstruction" in node.output)
    final.output[list(final.output).index("reconstruction")] = "whole"
    graph.graph.node.append(helper.make_node("ReduceMean", ["whole", "rows"], ["reconstruction"], keepdims=1))
    graph.graph.initializer.append(helper.make_tensor("rows", onnx.TensorProto.INT64, [1], [0]))
    with pytest.raises(BundleGraphError, match=r"decoder.onnx: 'reconstruction' must hold 5 samples, found 1"):
        Decoder(graph.SerializeToString()).decode(np.zeros((5, 2)))
