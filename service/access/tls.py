"""TLS: the certificate that the service shows, and where clients have to show one, who signs theirs."""

import logging
import ssl
import stat
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

from pydantic import SecretStr
from uvicorn import Config

from model.errors import InputError
from service.access.file_version import FileVersion, version_of

SECONDS = 1.0  # between two looks at the files
# Of TLS 1.2 only what TLS 1.3 kept: keys made anew for each connection, ciphers that authenticate.
CIPHERS = "ECDHE+AESGCM:ECDHE+CHACHA20"
_MISMATCH = "KEY_VALUES_MISMATCH"
_ENCRYPTED = (b"ENCRYPTED PRIVATE KEY", b"Proc-Type: 4,ENCRYPTED")

log = logging.getLogger("plumbline.access")


@dataclass(frozen=True)
class Tls:
    """A ``certificate`` with those that vouch for it, its ``key``, and ``client_ca``: without one of its, nobody connects."""

    certificate: Path
    key: Path
    password: SecretStr | None = None
    client_ca: Path | None = None

    def context(self) -> ssl.SSLContext:
        """Read the files.

        Raises:
            InputError: one of them cannot be used; the sentence quotes nothing of it.
        """
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.set_ciphers(CIPHERS)
        context.options |= ssl.OP_NO_RENEGOTIATION
        self._load_certificate(context)
        if self.client_ca is not None:
            _read(self.client_ca, b"-----BEGIN CERTIFICATE-----", "certificates")
            try:
                context.load_verify_locations(self.client_ca)
            except ssl.SSLError as error:
                raise InputError(f"{self.client_ca}: cannot be used as certificates: {error.reason}") from error
            context.verify_mode = ssl.CERT_REQUIRED
        return context

    def for_server(self, _config: Config, _default: Callable[[], ssl.SSLContext]) -> ssl.SSLContext:
        """Make the context of a server, which takes up files that are replaced while it runs; as uvicorn asks for it."""
        context = self.context()
        context.sni_callback = Replaced(self).show
        return context

    def _load_certificate(self, context: ssl.SSLContext) -> None:
        _read(self.certificate, b"-----BEGIN CERTIFICATE-----", "a certificate")
        raw = _read(self.key, b"PRIVATE KEY-----", "a private key", is_secret=True)
        password = "" if self.password is None else self.password.get_secret_value()
        is_encrypted = any(mark in raw for mark in _ENCRYPTED)
        if is_encrypted and not password:
            raise InputError(f"{self.key}: is encrypted, and PLUMBLINE_TLS_KEY_PASSWORD has no password for it")
        try:
            context.load_cert_chain(self.certificate, self.key, lambda: password)  # without one, OpenSSL would ask
        except ssl.SSLError as error:
            if error.reason == _MISMATCH:
                raise InputError(f"{self.key}: is not the key of the certificate in {self.certificate}") from error
            if is_encrypted:
                raise InputError(f"{self.key}: PLUMBLINE_TLS_KEY_PASSWORD is not its password") from error
            raise InputError(f"{self.certificate}, {self.key}: cannot be used: {error.reason or error}") from error

    @property
    def version(self) -> tuple[FileVersion, ...]:
        files = (self.certificate, self.key, *([] if self.client_ca is None else [self.client_ca]))
        return tuple(version_of(file) for file in files)


class Replaced:
    """Looks at the files of ``tls`` as clients connect, at most once a second, and shows the newest that can be used."""

    def __init__(self, tls: Tls) -> None:
        self._tls = tls
        self._seen = tls.version
        self._context: ssl.SSLContext | None = None
        self._look_at = monotonic() + SECONDS

    def show(self, connection: ssl.SSLObject, _name: str | None, _context: ssl.SSLContext) -> None:
        """Give a connection the context it is to have; ``ssl`` calls this as a handshake begins."""
        if monotonic() >= self._look_at:
            self._look_at = monotonic() + SECONDS
            self._look()
        if self._context is not None:
            connection.context = self._context

    def _look(self) -> None:
        version = self._tls.version
        if version == self._seen:
            return
        self._seen = version
        try:
            self._context = self._tls.context()
        except InputError as error:
            log.error("certificate kept as it was", extra={"fields": {"reason": str(error)}})  # noqa: TRY400 - it says it all
        else:
            log.info("certificate read")


def _read(path: Path, mark: bytes, what: str, *, is_secret: bool = False) -> bytes:
    try:
        raw = path.read_bytes()
        mode = stat.S_IMODE(path.stat().st_mode)
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror}") from error
    if mark not in raw:
        raise InputError(f"{path}: expected {what} in PEM, found none")
    if is_secret and mode & stat.S_IRWXO:
        raise InputError(
            f"{path}: expected a key that not everybody may read, found mode {mode:04o}; chmod 600 it, or 640"
        )
    return raw
