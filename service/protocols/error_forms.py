"""Errors as other services' clients read them: the one place that knows which paths have a form of their own."""

from collections.abc import Mapping

from typing_extensions import TypedDict

from service.answers import ErrorAnswer, on_demand

INFERENCE = "/v2"
AZURE = ("/anomalydetector/", "/multivariate/")

# What Azure's service called the same.
_AZURE_CODES: Mapping[str, str] = {
    "unreadable_body": "InvalidJsonFormat",
    "wrong_structure": "BadArgument",
    "unknown_model": "ModelNotExist",
    "not_ready": "ModelNotReady",
}


@on_demand
class InferenceError(TypedDict):
    """An error of the Open Inference Protocol."""

    error: str


class AzureErrorBody(TypedDict):
    code: str
    message: str


class AzureError(TypedDict):
    """An error of Azure's services."""

    error: AzureErrorBody


def as_its_clients_read_it(
    path: str, status: int, answer: ErrorAnswer
) -> tuple[int, ErrorAnswer | InferenceError | AzureError]:
    """Give an error the status and the form that the clients of ``path`` expect."""
    error = answer["error"]
    if path == INFERENCE or path.startswith(f"{INFERENCE}/"):
        return status, {"error": error["message"]}
    if path.startswith(AZURE):
        body: AzureErrorBody = {"code": _AZURE_CODES.get(error["code"], error["code"]), "message": error["message"]}
        return 400 if status == 422 else status, {"error": body}
    return status, answer
