"""Refuse graphs that could do more than arithmetic on their inputs, or that do not fit the manifest's features."""

from dataclasses import dataclass

import onnx
from google.protobuf.message import DecodeError

from model.errors import BundleGraphError, BundleGraphShapeError

DOUBLE = onnx.TensorProto.DOUBLE

# Plain arithmetic, products, activations, convolutions and shape work of the standard domain; nothing that branches,
# loops, draws random numbers, or reaches outside the graph.
ALLOWED_OPERATORS = frozenset(
    "Abs Add AveragePool BatchNormalization Cast CastLike Ceil Clip Concat Constant ConstantOfShape Conv ConvTranspose "
    "Cos CumSum Div Equal Erf Exp Expand Flatten Floor Gather GatherElements GatherND Gelu Gemm GlobalAveragePool "
    "GroupNormalization HardSigmoid Identity InstanceNormalization LayerNormalization LeakyRelu Less Log LogSoftmax "
    "MatMul Max MaxPool Mean Min Mul Neg Not Pad Pow Range Reciprocal ReduceMax ReduceMean ReduceMin ReduceProd "
    "ReduceSum ReduceSumSquare Relu Reshape Resize Shape Sigmoid Sign Sin Size Slice Softmax Softplus Split Sqrt "
    "Squeeze Sub Sum Tanh Tile TopK Transpose Unsqueeze Where".split()
)


@dataclass(frozen=True)
class Signature:
    """The tensors a graph must take and give: name to trailing dimensions behind the batch; all float64."""

    inputs: dict[str, tuple[int, ...]]
    outputs: dict[str, tuple[int, ...]]


def signatures(feature_count: int, latent_size: int) -> dict[str, Signature]:
    """Give the signature of each graph of a tabular bundle."""
    x, z = (feature_count,), (latent_size,)
    return {
        "encoder.onnx": Signature({"x": x}, {"mean": z, "log_variance": z}),
        "decoder.onnx": Signature({"z": z}, {"reconstruction": x}),
        "scorer.onnx": Signature({"x": x}, {"score": (), "reconstruction": x, "contribution": x}),
    }


def check_graph(raw: bytes, signature: Signature, file: str) -> None:
    """Check one graph before anything runs it.

    Raises:
        BundleGraphError: not ONNX, an operator outside the allowed set, a subgraph, a local function, external data.
        BundleGraphShapeError: inputs or outputs other than the signature's.
    """
    try:
        proto = onnx.load_model_from_string(raw)
        _check_contents(proto, file)
        onnx.checker.check_model(proto, full_check=True)
    except (DecodeError, onnx.checker.ValidationError, onnx.shape_inference.InferenceError) as error:
        first_line = (str(error).splitlines() or ["empty"])[0]
        raise BundleGraphError(f"{file}: not a valid ONNX graph: {first_line}") from error
    _check_tensors(proto.graph.input, signature.inputs, f"{file}: input")
    _check_tensors(proto.graph.output, signature.outputs, f"{file}: output")


def _check_contents(proto: onnx.ModelProto, file: str) -> None:
    if proto.functions or proto.training_info:
        raise BundleGraphError(f"{file}: local functions and training information are not allowed")
    for node in proto.graph.node:
        if node.domain not in ("", "ai.onnx") or node.op_type not in ALLOWED_OPERATORS:
            name = f"{node.domain}.{node.op_type}" if node.domain else node.op_type
            raise BundleGraphError(f"{file}: operator {name} is not allowed in a bundle")
        for attribute in node.attribute:
            if attribute.HasField("g") or attribute.graphs:
                raise BundleGraphError(
                    f"{file}: operator {node.op_type} carries a subgraph; control flow is not allowed"
                )
            if attribute.HasField("t"):
                _check_embedded(attribute.t, file)
    if proto.graph.sparse_initializer:
        raise BundleGraphError(f"{file}: sparse tensors are not allowed")
    for tensor in proto.graph.initializer:
        _check_embedded(tensor, file)


def _check_embedded(tensor: onnx.TensorProto, file: str) -> None:
    if tensor.data_location == onnx.TensorProto.EXTERNAL or tensor.external_data:
        raise BundleGraphError(f"{file}: tensor '{tensor.name}' lies outside the file; weights must be inside")


def _check_tensors(found: object, expected: dict[str, tuple[int, ...]], place: str) -> None:
    declared = {value.name: value for value in found}  # type: ignore[attr-defined]
    if set(declared) != set(expected):
        raise BundleGraphShapeError(f"{place}s must be {sorted(expected)}, found {sorted(declared)}")
    for name, trailing in expected.items():
        kind = declared[name].type.tensor_type
        shape = [d.dim_value if d.HasField("dim_value") else None for d in kind.shape.dim]
        if kind.elem_type != DOUBLE or shape != [None, *trailing]:
            element = onnx.TensorProto.DataType.Name(kind.elem_type)
            raise BundleGraphShapeError(
                f"{place} '{name}' must be float64 [batch, {', '.join(map(str, trailing))}], found {element} {shape}"
            )
