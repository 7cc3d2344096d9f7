"""The wire forms of what is told of versions, and of what is decided about them."""

from collections.abc import Sequence
from typing import Annotated, Literal, NotRequired

from pydantic import Field
from typing_extensions import TypedDict

from service.answers import on_demand
from service.registry.lineage import Lineage
from service.registry.models import NamedModel

VersionState = Literal["serving", "shadow", "available", "refused"]


class VersionCard(TypedDict):
    """One version that is there."""

    version: int
    state: Annotated[
        VersionState,
        Field(description="Only versions that were to serve have been checked; an available one may yet be refused."),
    ]
    reason: NotRequired[Annotated[str, Field(description="Only of a refused version: which check it failed.")]]
    is_pinned: bool


class VersionList(TypedDict):
    """Every version of a model, the highest first."""

    model: str
    pinned: Annotated[int | None, Field(description="The version that an operator holds it at.")]
    versions: list[VersionCard]


@on_demand
class DecidedAnswer(TypedDict):
    """What serves once a decision has taken effect in the worker that answers."""

    model: str
    version: int | None
    digest: str | None
    pinned: int | None
    shadow: Annotated[int | None, Field(description="The version that scores beside it, in silence.")]
    others_follow_within_seconds: Annotated[
        float | None, Field(description="When every other worker has followed; null where none looks for decisions.")
    ]


def version_list(named: NamedModel, lineage: Lineage, versions: Sequence[int]) -> VersionList:
    """Tell of ``versions``, and of the one that serves though its directory is gone."""
    served = {lineage.served.version} if lineage.served else set()
    every = sorted({*versions, *served}, reverse=True)
    return {
        "model": named.name,
        "pinned": named.pinned,
        "versions": [_version_card(version, named, lineage) for version in every],
    }


def decided_answer(named: NamedModel, watch_seconds: float) -> DecidedAnswer:
    """Tell what a decision led to."""
    served = named.served
    return {
        "model": named.name,
        "version": served.version if served else None,
        "digest": served.digest if served else None,
        "pinned": named.pinned,
        "shadow": named.shadow,
        "others_follow_within_seconds": watch_seconds or None,
    }


def _version_card(version: int, named: NamedModel, lineage: Lineage) -> VersionCard:
    card: VersionCard = {"version": version, "state": "available", "is_pinned": version == named.pinned}
    reason = lineage.refused.get(version)
    if lineage.served is not None and version == lineage.served.version:
        card["state"] = "serving"
    elif reason is not None:
        card["state"] = "refused"
    elif version == named.shadow:
        card["state"] = "shadow"
    if reason is not None:
        card["reason"] = reason
    return card
