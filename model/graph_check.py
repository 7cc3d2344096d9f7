"""Refuse graphs that could do more than arithmetic on their inputs, or that do not fit the manifest's features."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import onnx
from google.protobuf.message import DecodeError

from model.errors import BundleGraphError, BundleGraphShapeError
from model.quoting import quoted
from model.sample_form import SampleForm, SampleType

FLOAT, DOUBLE, INT64 = onnx.TensorProto.FLOAT, onnx.TensorProto.DOUBLE, onnx.TensorProto.INT64
BOOL = onnx.TensorProto.BOOL
TAKEN: Mapping[SampleType, int] = {
    "float64": DOUBLE,
    "uint8": onnx.TensorProto.UINT8,
    "uint16": onnx.TensorProto.UINT16,
}

# Arithmetic of the standard domain on floating-point numbers, and the shape work around it. Nothing branches, loops,
# draws random numbers or reaches outside; nothing makes a tensor whose size is a number in the file (Expand, Tile,
# Range, Pad); and nothing computes with integers, because a division of integers can kill the process that runs it: the
# places that TopK finds are for Gather to look up, and for nothing else. Which values are NaN is for Where to choose by,
# for Cast to count, for Not to turn round, and for nothing else.
ALLOWED_OPERATORS = frozenset(
    "Abs Add AveragePool BatchNormalization Cast Clip Concat Conv Cos DepthToSpace Div Elu Erf Exp Flatten Gather Gelu "
    "Gemm GlobalAveragePool HardSigmoid HardSwish Identity InstanceNormalization IsNaN LayerNormalization LeakyRelu Log "
    "LogSoftmax MatMul Max MaxPool Mean Min Mul Neg Not PRelu Pow Reciprocal ReduceMax ReduceMean ReduceMin ReduceSum "
    "ReduceSumSquare Relu Reshape Sigmoid Sign Sin Slice Softmax Softplus SpaceToDepth Split Sqrt Squeeze Sub Sum Tanh "
    "TopK Transpose Unsqueeze Where".split()
)
# What slides over an image may reach beyond its edges by so much: by more, a number in the file would make a tensor large.
SLIDING = ("AveragePool", "Conv", "MaxPool")
LARGEST_REACH = 64
MAKE_TRUTHS = ("IsNaN", "Not")
TAKE_TRUTHS = (("Where", 0), ("Cast", 0), ("Not", 0))
_ATTRIBUTE = onnx.AttributeProto
PLAIN_ATTRIBUTES = frozenset((_ATTRIBUTE.FLOAT, _ATTRIBUTE.INT, _ATTRIBUTE.STRING, _ATTRIBUTE.FLOATS, _ATTRIBUTE.INTS))


@dataclass(frozen=True)
class Signature:
    """The tensors a graph must take and give: name to trailing dimensions behind the batch.

    Outputs are float64; inputs are, but for pixels, of type ``taken``.
    """

    inputs: dict[str, tuple[int, ...]]
    outputs: dict[str, tuple[int, ...]]
    taken: int = DOUBLE


def signatures(form: SampleForm, latent_size: int | None) -> dict[str, Signature]:
    """Give the signature of each graph of a bundle; without a latent there is a scorer alone."""
    x, taken = form.shape, TAKEN[form.dtype]
    rebuilt = {"reconstruction": x} if form.rebuilt else {}
    outputs = {"score": (), **rebuilt, "contribution": form.contribution_shape}
    scorer = {"scorer.onnx": Signature({"x": x}, outputs, taken)}
    if latent_size is None:
        return scorer
    z = (latent_size,)
    return {
        "encoder.onnx": Signature({"x": x}, {"mean": z, "log_variance": z}, taken),
        "decoder.onnx": Signature({"z": z}, {"reconstruction": x}),
        **scorer,
    }


def check_graph(raw: bytes, signature: Signature, place: str) -> None:
    """Check one graph before anything runs it.

    Raises:
        BundleGraphError: not ONNX, or it uses what the format does not allow.
        BundleGraphShapeError: inputs or outputs other than the signature's.
    """
    try:
        proto = onnx.load_model_from_string(raw)
        _check_contents(proto, place)
        onnx.checker.check_model(proto)
        inferred = onnx.shape_inference.infer_shapes(proto, check_type=True, strict_mode=True)
    # A ValueError is an element type that ONNX does not have.
    except (DecodeError, onnx.checker.ValidationError, onnx.shape_inference.InferenceError, ValueError) as error:
        first_line = (str(error).splitlines() or ["empty"])[0]
        raise BundleGraphError(f"{place}: not a valid ONNX graph: {quoted(first_line)}") from error
    _check_tensors(proto.graph.input, signature.inputs, signature.taken, f"{place}: input")
    _check_tensors(proto.graph.output, signature.outputs, DOUBLE, f"{place}: output")
    _check_types(inferred.graph, place)


def _check_contents(proto: onnx.ModelProto, place: str) -> None:
    graph = proto.graph
    if [(opset.domain or "ai.onnx") for opset in proto.opset_import] != ["ai.onnx"]:
        raise BundleGraphError(f"{place}: must import the standard operator set and no other")
    if proto.functions or proto.training_info or graph.sparse_initializer or graph.quantization_annotation:
        raise BundleGraphError(f"{place}: functions, training, sparse tensors and quantization are not allowed")
    for node in graph.node:
        if node.domain not in ("", "ai.onnx") or node.op_type not in ALLOWED_OPERATORS:
            operator = f"{node.domain}.{node.op_type}" if node.domain else node.op_type
            raise BundleGraphError(f"{place}: operator {quoted(operator)} is not allowed in a bundle")
        for attribute in node.attribute:
            if attribute.type not in PLAIN_ATTRIBUTES or attribute.ref_attr_name:
                raise BundleGraphError(
                    f"{place}: attribute {quoted(attribute.name)} of a {node.op_type} must be a number, a string or a list "
                    "of numbers; tensors and graphs are not allowed"
                )
            if node.op_type in SLIDING and attribute.name in ("pads", "kernel_shape", "dilations", "strides"):
                _check_reach(attribute, node.op_type, place)
    for tensor in graph.initializer:
        if tensor.data_location == onnx.TensorProto.EXTERNAL or tensor.external_data:
            raise BundleGraphError(
                f"{place}: tensor {quoted(tensor.name)} lies outside the file; weights must be inside"
            )
        if tensor.data_type not in (FLOAT, DOUBLE, INT64):
            raise BundleGraphError(f"{place}: tensor {quoted(tensor.name)} must be float32, float64 or int64")


def _check_reach(attribute: onnx.AttributeProto, operator: str, place: str) -> None:
    if any(not 0 <= size <= LARGEST_REACH for size in attribute.ints):
        raise BundleGraphError(
            f"{place}: {attribute.name} of a {operator} must lie between 0 and {LARGEST_REACH}, found {list(attribute.ints)}"
        )


def _check_tensors(
    found: Sequence[onnx.ValueInfoProto], expected: dict[str, tuple[int, ...]], element: int, place: str
) -> None:
    names = [value.name for value in found]
    if sorted(names) != sorted(expected):
        raise BundleGraphShapeError(f"{place}s must be {sorted(expected)}, found {quoted(sorted(names))}")
    for value in found:
        kind, trailing = value.type.tensor_type, expected[value.name]
        shape = [d.dim_value if d.HasField("dim_value") else None for d in kind.shape.dim]
        if kind.elem_type != element or shape != [None, *trailing]:
            wanted, is_there = (onnx.TensorProto.DataType.Name(of) for of in (element, kind.elem_type))
            raise BundleGraphShapeError(
                f"{place} '{value.name}' must be {wanted} {['batch', *trailing]}, "
                f"found {is_there} {['batch' if size is None else size for size in shape]}"
            )


def _check_types(graph: onnx.GraphProto, place: str) -> None:
    types = {value.name: value.type.tensor_type.elem_type for value in (*graph.value_info, *graph.output)}
    places: set[str] = set()
    for node in graph.node:
        for position, name in enumerate(node.input):
            if name in places and (node.op_type, position) != ("Gather", 1):
                raise BundleGraphError(
                    f"{place}: a {node.op_type} computes with {quoted(name)}; only a Gather may look up what a TopK found"
                )
            if types.get(name) == BOOL and (node.op_type, position) not in TAKE_TRUTHS:
                raise BundleGraphError(
                    f"{place}: a {node.op_type} computes with {quoted(name)}; only Where, Cast and Not may use what is true or false"
                )
        if node.op_type == "TopK":
            places.update(node.output[1:])
        for name in node.output:
            if types.get(name) == BOOL and node.op_type in MAKE_TRUTHS:
                continue
            if name and name not in places and types.get(name) not in (FLOAT, DOUBLE):
                raise BundleGraphError(
                    f"{place}: what a {node.op_type} computes as {quoted(name)} must be float32 or float64"
                )
