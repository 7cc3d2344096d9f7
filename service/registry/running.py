"""A running service, asked and told about versions over HTTP."""

import json
from collections.abc import Mapping
from http.client import HTTPException
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import quote, urlsplit
from urllib.request import Request, urlopen

from model.errors import InputError
from model.quoting import quoted

MOST_BYTES = 64 << 20
# A version is verified and tried out before the answer comes.
PATIENCE_SECONDS = 120.0

Answer = Mapping[str, Any]


class RunningService:
    """The service at ``url``; ``key`` is what it knows us by, if it asks."""

    def __init__(self, url: str, key: str | None = None) -> None:
        """Take where the service is.

        Raises:
            InputError: no http or https address.
        """
        if urlsplit(url).scheme not in ("http", "https") or not urlsplit(url).netloc:
            raise InputError(
                f"--url: expected the address of a service, such as http://127.0.0.1:8000, found {quoted(url)}"
            )
        self._url, self._key = url.rstrip("/"), key

    def models(self) -> Answer:
        return self._ask("GET", "/models")

    def versions(self, name: str) -> Answer:
        return self._ask("GET", f"{_of(name)}/versions")

    def pin(self, name: str, version: int) -> Answer:
        return self._ask("POST", f"{_of(name)}/pin", {"version": version})

    def unpin(self, name: str) -> Answer:
        return self._ask("DELETE", f"{_of(name)}/pin")

    def roll_back(self, name: str) -> Answer:
        return self._ask("POST", f"{_of(name)}/rollback")

    def begin_shadow(self, name: str, version: int) -> Answer:
        return self._ask("POST", f"{_of(name)}/shadow", {"version": version})

    def end_shadow(self, name: str) -> Answer:
        return self._ask("DELETE", f"{_of(name)}/shadow")

    def shadow(self, name: str) -> Answer:
        return self._ask("GET", f"{_of(name)}/shadow")

    def _ask(self, method: str, path: str, body: object = None) -> Answer:
        headers = {"Content-Type": "application/json"}
        if self._key is not None:
            headers["Authorization"] = f"Bearer {self._key}"
        data = None if body is None else json.dumps(body).encode()
        request = Request(self._url + path, data, headers, method=method)  # noqa: S310 - http or https, as checked
        try:
            with urlopen(request, timeout=PATIENCE_SECONDS) as answer:  # noqa: S310 - likewise
                found: Answer = json.loads(answer.read(MOST_BYTES))
                return found
        except HTTPError as error:
            raise InputError(f"{self._url}: {_message(error)}") from error
        except URLError as error:
            raise InputError(f"{self._url}: no service answers there: {error.reason}") from error
        except (OSError, HTTPException, ValueError) as error:
            raise InputError(f"{self._url}: the answer is not one of this service: {quoted(str(error))}") from error


def _of(name: str) -> str:
    return f"/models/{quote(name, safe='')}"


def _message(error: HTTPError) -> str:
    try:
        return str(json.loads(error.read(MOST_BYTES))["error"]["message"])
    except (OSError, ValueError, KeyError, TypeError):
        return f"status {error.code}"
