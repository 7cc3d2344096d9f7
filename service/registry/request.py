"""A request body as a decision about a version."""

from service.errors import StructureError
from service.json_body import parse_json
from service.wording import shown

FIELD = "version"


def parse_version(body: bytes) -> int:
    """Read which version is meant.

    Raises:
        UnreadableBodyError: not JSON.
        StructureError: anything but an object with a version's number.
    """
    parsed = parse_json(body)
    if not isinstance(parsed, dict) or [*parsed] != [FIELD]:
        raise StructureError(f"the body must be an object with '{FIELD}' and nothing else, found {shown(parsed)}")
    version = parsed[FIELD]
    if isinstance(version, bool) or not isinstance(version, int) or version < 1:
        raise StructureError(f"'{FIELD}' must be a version's number, 1 or higher, found {shown(version)}")
    return version
