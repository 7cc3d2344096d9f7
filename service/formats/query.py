"""What a request asks for beside its samples, where the body holds nothing but these: fields of the query."""

from collections.abc import Collection
from urllib.parse import parse_qsl

from service.errors import StructureError
from service.wording import listed

# As JSON spells them in a body.
_VALUES: dict[str, bool | str] = {"true": True, "false": False, "full": "full"}


def read_query(query: bytes, fields: Collection[str]) -> dict[str, object]:
    """Read a query whose fields may be ``fields``, into what a JSON body would hold under their names.

    Raises:
        StructureError: another field, or one that is there twice.
    """
    if not query:
        return {}
    found = parse_qsl(query.decode("latin-1"), keep_blank_values=True)
    unknown = [name for name, _ in found if name not in fields]
    if unknown:
        may = f"the query may have the fields {listed(sorted(fields))}" if fields else "the query must be empty"
        raise StructureError(f"{may}, found {listed(unknown)}")
    parsed: dict[str, object] = {name: _VALUES.get(value, value) for name, value in found}
    if len(parsed) < len(found):
        raise StructureError("each field of the query may be there once")
    return parsed
