"""What the service tells of a model: its manifest, less what only concerns the files it came from."""

from typing import Annotated

from pydantic import Field
from typing_extensions import TypedDict

from model.features import Feature
from model.inference import Provider
from model.manifest import DetectorKind, MeasuredScore
from model.modality import Image, Window
from model.threshold import Threshold
from service.registry.models import Models, NamedModel, ServedModel


class RefusedCard(TypedDict):
    """A version that is there but not trusted."""

    version: int
    reason: str


class ModelSummary(TypedDict):
    name: str
    version: Annotated[int | None, Field(description="The version served; null where none can be.")]
    digest: str | None
    is_loaded: Annotated[
        bool, Field(description="False while it makes room for others; who asks for its scores has it loaded.")
    ]
    pinned: Annotated[
        int | None, Field(description="The version that an operator holds it at; null for the highest good one.")
    ]
    refused: Annotated[list[RefusedCard], Field(description="Higher versions that failed a check.")]


class ModelList(TypedDict):
    default: Annotated[str | None, Field(description="The model that a request without a name means.")]
    models: list[ModelSummary]


class TrainingCard(TypedDict):
    """How the model was made."""

    created_at: str
    data_fingerprint: str
    config_sha256: str
    code_version: str
    seed: int
    rows: dict[str, int]
    metrics: dict[str, float]


class ModelCard(ModelSummary):
    signed_by: Annotated[
        str | None, Field(description="The trusted key that vouches for it; null where none is asked for.")
    ]
    modality: str
    window: Annotated[Window | None, Field(description="Of a model of windows: length and time.")]
    image: Annotated[
        Image | None, Field(description="Of a model of images: the geometry it takes, the heat maps' line.")
    ]
    features: Annotated[list[Feature], Field(description="In the order of a sample's values.")]
    detector: DetectorKind
    score: MeasuredScore
    latent_size: Annotated[int | None, Field(description="Null for a detector without a latent space.")]
    threshold: Threshold
    review_threshold: Threshold | None
    provider: Annotated[Provider, Field(description="What the graphs run on.")]
    training: TrainingCard


def model_list(models: Models) -> ModelList:
    return {"default": models.default_name, "models": [_summary(named) for named in models]}


def model_card(named: NamedModel, served: ServedModel) -> ModelCard:
    manifest = served.manifest
    training = manifest.training
    return {
        **_summary(named),
        "signed_by": served.signed_by,
        "modality": manifest.modality,
        "window": manifest.window,
        "image": manifest.image,
        "features": list(manifest.features),
        "detector": manifest.detector,
        "score": manifest.score,
        "latent_size": manifest.graphs.latent_size,
        "threshold": manifest.threshold,
        "review_threshold": manifest.review_threshold,
        "provider": served.provider,
        "training": {
            "created_at": training.created_at,
            "data_fingerprint": training.data_fingerprint,
            "config_sha256": training.config_sha256,
            "code_version": training.code_version,
            "seed": training.seed,
            "rows": training.rows,
            "metrics": training.metrics,
        },
    }


def _summary(named: NamedModel) -> ModelSummary:
    served = named.served
    return {
        "name": named.name,
        "version": served.version if served else None,
        "digest": served.digest if served else None,
        "is_loaded": served is not None and served.is_loaded,
        "pinned": named.pinned,
        "refused": [{"version": refused.version, "reason": refused.reason} for refused in named.refused],
    }
