"""How the service is reached: address, key, certificates, pool."""

import ssl
from importlib.metadata import PackageNotFoundError, version
from os import PathLike, fspath
from typing import Any, TypedDict

import httpx2


class ConnectionOptions(TypedDict, total=False):
    """How to come to the service. Nothing is taken from the environment, proxies included.

    ``ca_file`` holds the certificates that the service's must come from, the system's where there is none. With
    ``certificate_file`` and ``key_file`` the client proves who it is. Up to ``connections`` (10) are kept open.
    """

    api_key: str | None
    ca_file: str | PathLike[str] | None
    certificate_file: str | PathLike[str] | None
    key_file: str | PathLike[str] | None
    key_password: str | None
    proxy: str | None
    connections: int


def http_options(url: str, reached: ConnectionOptions) -> dict[str, Any]:
    """Give what httpx2's clients, the one that blocks and the one that does not, are made of.

    Raises:
        ValueError: the address or the key cannot be one.
        OSError: a certificate cannot be read.
    """
    address, connections = httpx2.URL(url), reached.get("connections", 10)
    if address.scheme not in ("http", "https") or not address.host or address.query or address.fragment:
        raise ValueError(f"expected the service's address, as http://127.0.0.1:8000, found {url!r}")
    headers = {"User-Agent": f"plumbline-client/{_version()}", "Accept": "application/json"}
    key = reached.get("api_key")
    if key is not None:
        if not (key.isascii() and key.isprintable() and key.strip()):
            raise ValueError("api_key holds characters that no key has")
        headers["Authorization"] = f"Bearer {key}"
    return {
        "base_url": address,
        "headers": headers,
        "verify": _tls(reached),
        "proxy": reached.get("proxy"),
        "trust_env": False,
        "limits": httpx2.Limits(max_connections=connections, max_keepalive_connections=connections),
    }


def _tls(reached: ConnectionOptions) -> ssl.SSLContext | bool:
    ca, certificate = reached.get("ca_file"), reached.get("certificate_file")
    if ca is None and certificate is None:
        return True
    context = ssl.create_default_context(cafile=None if ca is None else fspath(ca))
    if certificate is not None:
        context.load_cert_chain(certificate, reached.get("key_file"), reached.get("key_password"))
    return context


def _version() -> str:
    try:
        return version("plumbline-client")
    except PackageNotFoundError:  # run from its source
        return "0"
