"""How the service is reached: address, key, certificates, pool."""

import ssl
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from os import PathLike, fspath
from typing import Any

import httpx2


@dataclass(frozen=True)
class Connection:
    """Where the service is, and how to come to it. Nothing is taken from the environment, proxies included.

    ``ca_file`` holds the certificates that the service's must come from, the system's where None. With
    ``certificate_file`` and ``key_file`` the client proves who it is.
    """

    url: str
    api_key: str | None = field(default=None, repr=False)
    ca_file: str | PathLike[str] | None = None
    certificate_file: str | PathLike[str] | None = None
    key_file: str | PathLike[str] | None = None
    key_password: str | None = field(default=None, repr=False)
    proxy: str | None = None
    connections: int = 10

    def options(self) -> dict[str, Any]:
        """Give what httpx2's clients, the one that blocks and the one that does not, are made of.

        Raises:
            ValueError: the address or the key cannot be one.
            OSError: a certificate cannot be read.
        """
        url = httpx2.URL(self.url)
        if url.scheme not in ("http", "https") or not url.host or url.query or url.fragment:
            raise ValueError(f"expected the service's address, as http://127.0.0.1:8000, found {self.url!r}")
        if self.api_key is not None and not (
            self.api_key.isascii() and self.api_key.isprintable() and self.api_key.strip()
        ):
            raise ValueError("api_key holds characters that no key has")
        key = {} if self.api_key is None else {"Authorization": f"Bearer {self.api_key}"}
        return {
            "base_url": url,
            "headers": {"User-Agent": f"plumbline-client/{_version()}", "Accept": "application/json", **key},
            "verify": self._tls(),
            "proxy": self.proxy,
            "trust_env": False,
            "limits": httpx2.Limits(max_connections=self.connections, max_keepalive_connections=self.connections),
        }

    def _tls(self) -> ssl.SSLContext | bool:
        if self.ca_file is None and self.certificate_file is None:
            return True
        context = ssl.create_default_context(cafile=None if self.ca_file is None else fspath(self.ca_file))
        if self.certificate_file is not None:
            context.load_cert_chain(self.certificate_file, self.key_file, self.key_password)
        return context


def _version() -> str:
    try:
        return version("plumbline-client")
    except PackageNotFoundError:  # run from its source
        return "0"
