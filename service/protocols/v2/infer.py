"""Inference, from a request's body to its samples and from scores to the bytes of an answer. Nothing here knows about HTTP."""

from dataclasses import dataclass
from functools import lru_cache

import orjson

from model.scorer import Scores
from service.errors import StructureError
from service.json_body import parse_json
from service.limits import Limits
from service.protocols.v2.answers import InferAnswer
from service.protocols.v2.binary import split_body
from service.protocols.v2.metadata import model_parameters
from service.protocols.v2.outputs import RequestedOutput, read_outputs, written
from service.protocols.v2.samples import InputSamples, samples_of
from service.protocols.v2.tensors import TensorHead, read_head, tensor_of
from service.registry.models import ServedModel
from service.wording import listed, shown

FIELDS = frozenset(("id", "parameters", "inputs", "outputs"))
MOST_ID = 1_000
KNOWN_BYTES = 1 << 10  # of JSON that is kept, read, for when it comes again


@dataclass(frozen=True)
class InferRequest:
    """What is to be judged, and what is to be said of it under which id."""

    samples: InputSamples
    outputs: tuple[RequestedOutput, ...]
    name: str | None

    @property
    def asks_for_text(self) -> bool:
        """Whether an output is to be in the answer's JSON, which takes the longer to write the more samples there are."""
        return not all(output.is_binary for output in self.outputs)


@dataclass(frozen=True)
class _Asked:
    """What the JSON of a request says."""

    inputs: tuple[TensorHead, ...]
    outputs: tuple[RequestedOutput, ...]
    name: str | None


@dataclass(frozen=True)
class Inferred:
    """An answer's bytes; ``json_bytes`` of them are JSON, where binary data follows."""

    body: bytes
    json_bytes: int | None


def read_infer(body: bytes, header: str | None, model: ServedModel, limits: Limits) -> InferRequest:
    """Read an inference request; ``header`` says how much of it is JSON, where not all of it is.

    Parameters that mean nothing here, such as a priority, are passed over, as the protocol has it.

    Raises:
        RequestError: the subclass says what is wrong with the body.
    """
    text, binary = split_body(body, header)
    # Whoever sends binary data sends the same JSON before it again and again.
    read = _read_known if header is not None and len(text) <= KNOWN_BYTES else _read_text
    asked = read(text, model.name, len(model.spec))
    inputs = {head.name: tensor_of(head, binary) for head in asked.inputs}
    binary.check_taken()
    # JSON spells booleans one way only, so a body without the words has none.
    may_hold_booleans = b"true" in text or b"false" in text
    return InferRequest(samples_of(inputs, model, limits, may_hold_booleans), asked.outputs, asked.name)


def _read_text(text: bytes, model: str, features: int) -> _Asked:
    parsed = parse_json(text)
    if not isinstance(parsed, dict):
        raise StructureError(f"the body must be an object with 'inputs', found {shown(parsed)}")
    unknown = [name for name in parsed if name not in FIELDS]
    if unknown:
        raise StructureError(f"the body may have the fields {listed(sorted(FIELDS))}, found {listed(unknown)}")
    parameters = parsed.get("parameters")
    if parameters is None:
        parameters = {}
    if not isinstance(parameters, dict):
        raise StructureError(f"'parameters' must be an object, found {shown(parameters)}")
    outputs = read_outputs(parsed.get("outputs"), parameters)
    name = _name(parsed.get("id"))
    found = parsed.get("inputs")
    if not isinstance(found, list) or not found:
        what = "an empty one" if isinstance(found, list) else shown(found)
        raise StructureError(f"'inputs' must be an array of at least one tensor, found {what}")
    if len(found) > features:
        raise StructureError(f"model '{model}' has {features:,} features, found {len(found):,} inputs")
    inputs: dict[str, TensorHead] = {}
    for each in found:
        head = read_head(each)
        if head.name in inputs:
            raise StructureError(f"each input may be there once, found {shown(head.name)} twice")
        inputs[head.name] = head
    return _Asked(tuple(inputs.values()), outputs, name)


_read_known = lru_cache(maxsize=256)(_read_text)


def write_infer(request: InferRequest, model: ServedModel, scores: Scores) -> Inferred:
    """Write what was asked for of ``scores``."""
    tensors, binary = written(request.outputs, scores)
    answer: InferAnswer = {
        "model_name": model.name,
        "model_version": str(model.version),
        "parameters": model_parameters(model),
        "outputs": tensors,
    }
    if request.name is not None:
        answer["id"] = request.name
    text = orjson.dumps(answer)
    is_binary = any(output.is_binary for output in request.outputs)
    return Inferred(text + binary, len(text) if is_binary else None)


def _name(found: object) -> str | None:
    if found is not None and (not isinstance(found, str) or len(found) > MOST_ID):
        raise StructureError(f"'id' must be a text of at most {MOST_ID:,} characters, found {shown(found)}")
    return found
