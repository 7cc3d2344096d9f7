"""A request's body as encoded images: one as it is, or several as the parts of a form. Nothing is written to disk."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.requests import Request

from service.errors import StructureError, TooManySamplesError, UnreadableBodyError, UnsupportedTypeError
from service.formats.accept import wants_arrow
from service.limits import Limits
from service.request_body import media_type, read_bytes
from service.wording import shown

FORM = "multipart/form-data"
ANY = "application/octet-stream"
TYPES = ("image/png", "image/jpeg", "image/bmp", "image/tiff", ANY, FORM)
MAX_NAME = 300


@dataclass(frozen=True)
class ImageBody:
    """What came in: the bytes, their declared type, the fields of the query, and whether the answer is to be Arrow."""

    raw: bytes
    content_type: str
    query: Sequence[tuple[str, str]]
    wants_arrow: bool = False


@dataclass
class ImagePart:
    """One image of a request: its file name, where it has one, and its bytes."""

    name: str | None
    raw: bytes | bytearray = field(default_factory=bytearray)


async def read_image_body(request: Request, limits: Limits) -> ImageBody:
    """Read a body of a type that holds images. What it really is, its content decides later.

    Raises:
        UnsupportedTypeError: declared as another type.
        RequestError: as ``read_bytes`` does.
    """
    content_type = request.headers.get("content-type", ANY)
    if media_type(content_type) not in TYPES:
        raise UnsupportedTypeError(
            f"this model takes images; the body must be {', '.join(TYPES)}, found {shown(content_type)}"
        )
    raw, query = await read_bytes(request, limits), request.query_params.multi_items()
    return ImageBody(raw, content_type, query, wants_arrow(request.headers.raw))


def image_parts(body: ImageBody, most: int) -> list[ImagePart]:
    """Take a body apart into its images, at least one.

    Raises:
        UnreadableBodyError: no form of the kind that was declared.
        StructureError: a part that is no file, or no part at all.
        TooManySamplesError: more than ``most``.
    """
    if media_type(body.content_type) != FORM:
        return [ImagePart(None, body.raw)]
    boundary = parse_options_header(body.content_type)[1].get(b"boundary")
    if not boundary:
        raise UnreadableBodyError(f"a body of type {FORM} must name its boundary, found {shown(body.content_type)}")
    form = _Form(most)
    try:
        parser = MultipartParser(
            boundary,
            {
                "on_part_begin": form.begin,
                "on_header_field": form.header_name,
                "on_header_value": form.header_value,
                "on_headers_finished": form.headers_finished,
                "on_part_data": form.data,
                "on_end": form.end,
            },
        )
        parser.write(body.raw)
        parser.finalize()
    except FormParserError as error:
        raise UnreadableBodyError(f"the body is not {FORM}: {error}") from error
    if not form.ended:
        raise UnreadableBodyError(f"the body is not {FORM}: it ends before its last boundary")
    if not form.parts:
        raise StructureError("the form must have at least one part, an image")
    return form.parts


class _Form:
    """The parts of a form as the parser comes upon them."""

    def __init__(self, most: int) -> None:
        self.parts: list[ImagePart] = []
        self.ended = False
        self._most = most
        self._name = self._value = b""
        self._disposition = b""

    def begin(self) -> None:
        if len(self.parts) == self._most:
            raise TooManySamplesError(
                f"a request may hold {self._most:,} images for this model; send them in several requests",
                {"max_samples": self._most},
            )
        self._name = self._value = self._disposition = b""

    def header_name(self, data: bytes, start: int, end: int) -> None:
        if self._value:
            self._name = self._value = b""
        self._name += data[start:end]

    def header_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]
        if self._name.lower() == b"content-disposition":
            self._disposition = self._value

    def headers_finished(self) -> None:
        options = parse_options_header(self._disposition)[1]
        if b"filename" not in options:
            found = options.get(b"name", b"").decode("utf-8", "replace")
            raise StructureError(f"each part of the form must be a file with a name, found the field {shown(found)}")
        self.parts.append(ImagePart(options[b"filename"].decode("utf-8", "replace")[:MAX_NAME]))

    def data(self, data: bytes, start: int, end: int) -> None:
        self.parts[-1].raw += data[start:end]

    def end(self) -> None:
        self.ended = True
