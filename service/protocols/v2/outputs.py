"""What is said of samples, as output tensors: in JSON, or as binary data behind it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from model.scorer import ANOMALY, INVALID, VERDICTS, Scores
from service.errors import StructureError
from service.protocols.v2.answers import OutputTensor
from service.protocols.v2.binary import joined_texts
from service.wording import listed, shown


@dataclass(frozen=True)
class Output:
    """What can be said of samples [B]: of which datatype, and its values [B], as JSON and as binary data have them."""

    datatype: str
    values: Callable[[Scores], list[Any]]
    raw: Callable[[Scores], bytes]


def _number(column: Callable[[Scores], NDArray[np.float64]]) -> Output:
    return Output(
        "FP64",
        lambda scores: column(scores).tolist(),  # NaN, the score of an invalid sample, is written as null
        lambda scores: column(scores).astype("<f8", copy=False).tobytes(),
    )


def _is_anomaly(scores: Scores) -> NDArray[np.bool_]:
    # A BOOL has no third value, and what could not be judged must not pass for normal.
    return np.asarray((scores.verdict == ANOMALY) | (scores.verdict == INVALID))


def _reasons(scores: Scores) -> list[str]:
    return [scores.reasons.get(row, "") for row in range(len(scores.verdict))]


_RAW_VERDICTS = tuple(joined_texts([verdict]) for verdict in VERDICTS)

OUTPUTS: Mapping[str, Output] = {
    "score": _number(lambda scores: scores.score),
    "verdict": Output(
        "BYTES",
        lambda scores: [VERDICTS[verdict].value for verdict in scores.verdict.tolist()],
        lambda scores: b"".join([_RAW_VERDICTS[verdict] for verdict in scores.verdict.tolist()]),
    ),
    "is_anomaly": Output(
        "BOOL", lambda scores: _is_anomaly(scores).tolist(), lambda scores: _is_anomaly(scores).tobytes()
    ),
    "p_value": _number(lambda scores: scores.p_value),
    "severity": _number(lambda scores: scores.severity),
    "reason": Output("BYTES", _reasons, lambda scores: joined_texts(_reasons(scores))),
}


@dataclass(frozen=True)
class RequestedOutput:
    """An output that was asked for, and whether as binary data."""

    name: str
    is_binary: bool


def read_outputs(found: object, parameters: Mapping[str, object]) -> tuple[RequestedOutput, ...]:
    """Read which outputs a request asks for; where it names none, all of them, as its ``parameters`` have it.

    Raises:
        StructureError: an output that there is not, twice the same, or in a form that is not given.
    """
    if found is None or found == []:
        is_binary = _flag("binary_data_output", parameters, "the request")
        return tuple(RequestedOutput(name, is_binary) for name in OUTPUTS)
    if not isinstance(found, list):
        raise StructureError(f"'outputs' must be an array, found {shown(found)}")
    if len(found) > len(OUTPUTS):
        raise StructureError(f"there are {len(OUTPUTS)} outputs, {listed([*OUTPUTS])}; found {len(found):,} asked for")
    asked = tuple(_requested(output, parameters) for output in found)
    if len({output.name for output in asked}) < len(asked):
        raise StructureError("each output may be asked for once")
    return asked


def _requested(found: object, parameters: Mapping[str, object]) -> RequestedOutput:
    name = found.get("name") if isinstance(found, dict) else found
    if not isinstance(found, dict) or not isinstance(name, str) or name not in OUTPUTS:
        raise StructureError(
            f"each output must be an object with a 'name' of {listed([*OUTPUTS])}, found {shown(name)}"
        )
    own = found.get("parameters")
    if own is None:
        own = {}
    if not isinstance(own, dict):
        raise StructureError(f"the 'parameters' of output '{name}' must be an object, found {shown(own)}")
    for refused in ("classification", "shared_memory_region"):
        if refused in own:
            raise StructureError(f"output '{name}' asks for '{refused}', which this service does not give")
    if "binary_data" in own:
        return RequestedOutput(name, _flag("binary_data", own, f"output '{name}'"))
    return RequestedOutput(name, _flag("binary_data_output", parameters, "the request"))


def _flag(name: str, parameters: Mapping[str, object], whose: str) -> bool:
    flag = parameters.get(name, False)
    if not isinstance(flag, bool):
        raise StructureError(f"'{name}' of {whose} must be true or false, found {shown(flag)}")
    return flag


def written(outputs: Sequence[RequestedOutput], scores: Scores) -> tuple[list[OutputTensor], bytes]:
    """Write outputs for an answer's JSON, and the binary data that goes behind it."""
    tensors: list[OutputTensor] = []
    parts: list[bytes] = []
    for asked in outputs:
        output = OUTPUTS[asked.name]
        tensor: OutputTensor = {"name": asked.name, "datatype": output.datatype, "shape": [len(scores.verdict)]}
        if asked.is_binary:
            parts.append(output.raw(scores))
            tensor["parameters"] = {"binary_data_size": len(parts[-1])}
        else:
            tensor["data"] = output.values(scores)
        tensors.append(tensor)
    return tensors, b"".join(parts)
