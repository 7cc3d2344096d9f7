"""Certificates for a test: an authority, and who it vouches for."""

from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePrivateKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from cryptography.x509.oid import NameOID


class Authority:
    """Vouches for names; ``file`` holds its own certificate."""

    def __init__(self, folder: Path, name: str = "factory") -> None:
        self._folder = folder
        self._key = generate_private_key(SECP256R1())
        self._name = _named(name)
        self.file = folder / f"{name}.pem"
        own = _certificate(self._name, self._name, self._key).add_extension(
            x509.BasicConstraints(ca=True, path_length=0), critical=True
        )
        self.file.write_bytes(own.sign(self._key, SHA256()).public_bytes(Encoding.PEM))

    def vouch(self, name: str, password: str | None = None) -> tuple[Path, Path]:
        """Write a certificate for 127.0.0.1 and ``name``, and its key."""
        key = generate_private_key(SECP256R1())
        names = [x509.IPAddress(ip_address("127.0.0.1")), x509.DNSName(name)]
        certificate = _certificate(_named(name), self._name, key).add_extension(
            x509.SubjectAlternativeName(names), critical=False
        )
        files = self._folder / f"{name}.crt", self._folder / f"{name}.key"
        encryption = NoEncryption() if password is None else BestAvailableEncryption(password.encode())
        files[0].write_bytes(certificate.sign(self._key, SHA256()).public_bytes(Encoding.PEM))
        files[1].write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption))
        return files


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _certificate(subject: x509.Name, issuer: x509.Name, key: EllipticCurvePrivateKey) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=5))
        .not_valid_after(now + timedelta(days=1))
    )
