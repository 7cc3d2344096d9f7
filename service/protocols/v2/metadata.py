"""What the protocol's clients ask before they infer: the server, its models, what goes in and what comes out."""

from importlib.metadata import version

from service.errors import StructureError, UnknownModelError
from service.json_body import parse_json
from service.protocols.v2.answers import (
    ModelMetadata,
    ModelParameters,
    RepositoryModel,
    ServerMetadata,
    TensorMetadata,
)
from service.protocols.v2.outputs import OUTPUTS
from service.protocols.v2.samples import X
from service.registry.models import Models, ServedModel
from service.wording import shown

EXTENSIONS = ("binary_tensor_data", "model_repository")
PLATFORM = "onnxruntime_onnx"
_OF_SAMPLES = {"float64": "FP64", "uint8": "UINT8", "uint16": "UINT16"}


def server_metadata() -> ServerMetadata:
    return {"name": "plumbline", "version": version("plumbline"), "extensions": [*EXTENSIONS]}


def served_version(models: Models, name: str, asked: str | None) -> ServedModel:
    """Give the served version of a model, which is the one that is ``asked`` for, if any is.

    Raises:
        UnknownModelError: there is no such name, or it is served in another version.
        NotReadyError: none of its versions is good.
    """
    model = models.get(name)
    if asked is not None and asked != str(model.version):
        raise UnknownModelError(
            f"model '{model.name}' is served in version {model.version}, found {shown(asked)}",
            {"version": model.version},
        )
    return model


def model_parameters(model: ServedModel) -> ModelParameters:
    return {"version": model.version, "digest": model.digest, "threshold": model.manifest.threshold.value}


def model_metadata(model: ServedModel) -> ModelMetadata:
    form = model.form
    x: TensorMetadata = {"name": X, "datatype": _OF_SAMPLES[form.dtype], "shape": [-1, *form.shape]}
    return {
        "name": model.name,
        "versions": [str(model.version)],
        "platform": PLATFORM,
        "inputs": [x],
        "outputs": [{"name": name, "datatype": output.datatype, "shape": [-1]} for name, output in OUTPUTS.items()],
        "parameters": model_parameters(model),
    }


def repository_index(models: Models, body: bytes) -> list[RepositoryModel]:
    """List what is served and what was refused; ``body`` may ask for what is served alone.

    Raises:
        UnreadableBodyError, StructureError: the body is neither empty nor an object with ``ready``.
    """
    asked = parse_json(body) if body.strip() else {}
    if not isinstance(asked, dict):
        raise StructureError(f"the body must be an object, found {shown(asked)}")
    ready = asked.get("ready", False)
    if not isinstance(ready, bool):
        raise StructureError(f"'ready' must be true or false, found {shown(ready)}")
    index: list[RepositoryModel] = []
    for named in models:
        if named.served is not None:
            index.append({"name": named.name, "version": str(named.served.version), "state": "READY", "reason": ""})
        if not ready:
            index += [
                {"name": named.name, "version": str(old.version), "state": "UNAVAILABLE", "reason": old.reason}
                for old in named.refused
            ]
    return index
