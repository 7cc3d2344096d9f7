"""The wire forms of what is drawn or laid out by pixels."""

from typing import Annotated, Literal

from pydantic import Field
from typing_extensions import TypedDict


class HeatMap(TypedDict):
    """How much each pixel of an image adds to its score."""

    format: Annotated[
        Literal["png", "float32"],
        Field(description="A PNG of the map drawn over the image, or its values as little-endian float32, row by row."),
    ]
    shape: Annotated[list[int], Field(min_length=2, max_length=2, description="Height and width, those of the image.")]
    data: Annotated[str, Field(description="Base64.")]


class HotRegion(TypedDict):
    """Pixels that hang together and stand out."""

    box: Annotated[
        list[int],
        Field(min_length=4, max_length=4, description="x, y, width, height in pixels, from the top left corner."),
    ]
    area: Annotated[int, Field(ge=1, description="Pixels.")]
    peak: Annotated[float, Field(description="The largest value of the heat map in it.")]


class PngImage(TypedDict):
    format: Literal["png"]
    shape: Annotated[list[int], Field(min_length=3, max_length=3, description="Height, width, channels.")]
    data: Annotated[str, Field(description="Base64.")]


class RemovedPixels(TypedDict):
    format: Annotated[Literal["float32"], Field(description="Values as little-endian float32, row by row.")]
    shape: Annotated[list[int], Field(min_length=3, max_length=3, description="Height, width, channels.")]
    data: Annotated[str, Field(description="Base64.")]
