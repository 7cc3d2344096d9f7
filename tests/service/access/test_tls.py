"""TLS at a real service: what is shown, what is asked for, what is refused."""

import json
import shutil
import signal
import socket
import ssl
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http.client import HTTPSConnection
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from pydantic import SecretStr
from uvicorn import Config

from model.errors import InputError
from service.access.tls import Tls
from tests.service.access.certificates import Authority, Signed
from tests.service.access.keys import add_key, bearer
from tests.service.bundles import GOLDEN_MODELS
from tests.service.programs import PATIENCE_SECONDS, Serving, run, serving

GOOD = json.dumps({"samples": [[8, 120, 45, 11]]})


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
def server(authority: Authority) -> Signed:
    return authority.sign("server")


@pytest.fixture(scope="module")
def service(server: Signed, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    with serving(GOLDEN_MODELS, tmp_path_factory.mktemp("service") / "log", workers=1, **settings(server)) as running:
        yield running


def settings(server: Signed, **more: str) -> dict[str, str]:
    return {
        "PLUMBLINE_TLS_CERTIFICATE": str(server.certificate),
        "PLUMBLINE_TLS_KEY": str(server.key),
        **{f"PLUMBLINE_{name}": value for name, value in more.items()},
    }


def trusting(authority: Authority, client: Signed | None = None) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=authority.certificate)
    if client is not None:
        context.load_cert_chain(client.certificate, client.key)
    return context


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]


def ask(service: Serving, context: ssl.SSLContext, path: str = "/score", key: str = "") -> Answer:
    connection = HTTPSConnection(urlsplit(service.url).netloc, context=context, timeout=PATIENCE_SECONDS)
    try:
        headers = {"Content-Type": "application/json", **(bearer(key) if key else {})}
        connection.request("POST" if path == "/score" else "GET", path, GOOD if path == "/score" else None, headers)
        answer = connection.getresponse()
        answer.read()
        return Answer(answer.status, {name.lower(): value for name, value in answer.getheaders()})
    finally:
        connection.close()


def test_who_trusts_the_authority_is_answered(service: Serving, authority: Authority) -> None:
    assert service.url.startswith("https://127.0.0.1:")
    assert ask(service, trusting(authority)).status == 200
    assert ask(service, trusting(authority), "/health/ready").status == 200


def test_who_does_not_trust_it_hears_nothing(service: Serving, tmp_path: Path) -> None:
    with pytest.raises(ssl.SSLCertVerificationError):
        ask(service, trusting(Authority(tmp_path)))


def test_plain_http_is_not_answered(service: Serving) -> None:
    at = urlsplit(service.url)
    with socket.create_connection((at.hostname or "", at.port or 0), PATIENCE_SECONDS) as connection:
        connection.sendall(b"GET /health/ready HTTP/1.1\r\nHost: x\r\n\r\n")
        assert b"HTTP" not in connection.recv(1024)


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_the_versions_of_today_are_spoken(service: Serving, authority: Authority, version: ssl.TLSVersion) -> None:
    context = trusting(authority)
    context.minimum_version = context.maximum_version = version
    assert ask(service, context).status == 200


def test_older_versions_are_not(service: Serving, authority: Authority) -> None:
    context = trusting(authority)
    context.set_ciphers("ALL:@SECLEVEL=0")
    with pytest.warns(DeprecationWarning, match="TLSv1_1"):
        context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_1
    with pytest.raises((ssl.SSLError, ConnectionError)):
        ask(service, context)


def test_a_context_asks_for_the_versions_of_today(server: Signed) -> None:
    context = Tls(server.certificate, server.key).context()
    assert context.minimum_version is ssl.TLSVersion.TLSv1_2
    ciphers = {cipher["name"] for cipher in context.get_ciphers()}
    assert all(
        name.startswith(("TLS_", "ECDHE-"))
        and name.endswith(("GCM-SHA256", "GCM-SHA384", "POLY1305", "GCM_SHA256", "GCM_SHA384", "POLY1305_SHA256"))
        for name in ciphers
    )


def test_a_long_body_and_many_requests_on_one_connection_go_through(service: Serving, authority: Authority) -> None:
    connection = HTTPSConnection(urlsplit(service.url).netloc, context=trusting(authority), timeout=PATIENCE_SECONDS)
    body = json.dumps({"samples": [[8, 120, 45, 11]] * 9_000})
    for _ in range(3):
        connection.request("POST", "/score", body, {"Content-Type": "application/json"})
        answer = connection.getresponse()
        assert answer.status == 200
        assert len(json.load(answer)["results"]) == 9_000
    connection.close()


def test_with_two_workers_a_client_without_a_certificate_of_the_authority_is_refused(
    authority: Authority, server: Signed, tmp_path: Path
) -> None:
    strangers = Authority(tmp_path, "strangers")
    asked = settings(server, TLS_CLIENT_CA=str(authority.certificate))
    with serving(GOLDEN_MODELS, tmp_path / "log", workers=2, **asked) as service:
        assert {ask(service, trusting(authority, authority.sign("client"))).status for _ in range(8)} == {200}
        for client in (None, strangers.sign("client")):
            with pytest.raises((ssl.SSLError, ConnectionError)):
                ask(service, trusting(authority, client))
        assert all("traceback" not in line for line in service.lines)


def test_keys_are_asked_for_on_top(authority: Authority, server: Signed, tmp_path: Path) -> None:
    key = add_key(tmp_path / "keys.json")
    asked = settings(server, KEYS=str(tmp_path / "keys.json"))
    with serving(GOLDEN_MODELS, tmp_path / "log", "--host", "0.0.0.0", workers=1, **asked) as service:
        here = Serving(service.url.replace("0.0.0.0", "127.0.0.1"), service.process, service.log)
        assert ask(here, trusting(authority)).status == 401
        assert ask(here, trusting(authority), key=key).status == 200
        assert all(line["level"] != "warning" for line in service.lines)  # nothing is open, nothing unencrypted


def test_a_certificate_is_replaced_while_the_service_runs(authority: Authority, tmp_path: Path) -> None:
    first, second = authority.sign("first"), Authority(tmp_path / "later").sign("second")
    shown = Signed(tmp_path / "tls.pem", tmp_path / "tls.key")
    put(first, shown)
    with serving(GOLDEN_MODELS, tmp_path / "log", workers=1, **settings(shown)) as service:
        assert ask(service, trusting(authority)).status == 200
        shown.certificate.write_bytes(second.certificate.read_bytes())  # and not yet its key
        time.sleep(1.1)
        assert ask(service, trusting(authority)).status == 200
        assert "is not the key of the certificate" in service.line("message", "certificate kept as it was")["reason"]
        put(second, shown)
        time.sleep(1.1)
        with pytest.raises(ssl.SSLCertVerificationError):
            ask(service, trusting(authority))
        context = ssl.create_default_context(cafile=tmp_path / "later" / "authority.pem")
        assert ask(service, context).status == 200


def put(signed: Signed, to: Signed) -> None:
    shutil.copy(signed.certificate, to.certificate)
    shutil.copy(signed.key, to.key)


@pytest.mark.parametrize("workers", [1, 2])
def test_a_request_that_was_sent_before_the_stop_is_answered(
    authority: Authority, server: Signed, tmp_path: Path, workers: int
) -> None:
    with serving(GOLDEN_MODELS, tmp_path / "log", workers=workers, **settings(server)) as service:
        connection = HTTPSConnection(
            urlsplit(service.url).netloc, context=trusting(authority), timeout=PATIENCE_SECONDS
        )
        connection.putrequest("POST", "/score")
        connection.putheader("Content-Length", str(len(GOOD)))
        connection.endheaders(GOOD[:10].encode())
        time.sleep(0.2)
        service.process.send_signal(signal.SIGTERM)
        time.sleep(0.2)
        connection.send(GOOD[10:].encode())
        assert connection.getresponse().status == 200
        connection.close()
        assert service.wait() == 0


def test_a_key_may_be_encrypted(authority: Authority, tmp_path: Path) -> None:
    signed = authority.sign("encrypted", b"correct horse")
    Tls(signed.certificate, signed.key, SecretStr("correct horse")).context()
    for password, said in ((None, "has no password for it"), (SecretStr("wrong"), "is not its password")):
        with pytest.raises(InputError, match=rf"encrypted.key: .*PLUMBLINE_TLS_KEY_PASSWORD {said}$"):
            Tls(signed.certificate, signed.key, password).context()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda tls: tls.certificate.unlink(), "server.pem: cannot be read: No such file"),
        (lambda tls: tls.key.unlink(), "server.key: cannot be read: No such file"),
        (lambda tls: tls.key.chmod(0o644), "server.key: expected a key that not everybody may read, found mode 0644"),
        (lambda tls: tls.certificate.write_bytes(b"x"), "server.pem: expected a certificate in PEM, found none"),
        (lambda tls: tls.key.write_bytes(b"x"), "server.key: expected a private key in PEM, found none"),
        (lambda tls: shutil.copy(Authority(tls.key.parent / "other").sign("b").key, tls.key), "is not the key of the"),
        (lambda tls: tls.certificate.write_bytes(tls.certificate.read_bytes()[:90]), "server.key: cannot be used: "),
        (lambda tls: tls.key.write_bytes(tls.key.read_bytes().replace(b"M", b"!")), "server.key: cannot be used: "),
    ],
)
def test_files_that_cannot_be_used_end_the_command_with_one_sentence(
    tmp_path: Path, change: Callable[[Signed], object], said: str
) -> None:
    server = Authority(tmp_path).sign("server")
    change(server)
    finished = run("--models", str(GOLDEN_MODELS), "--port", "0", "--workers", "2", **settings(server))
    assert (finished.returncode, finished.stderr.count("\n")) == (2, 1), finished.stderr
    assert said in finished.stderr


@pytest.mark.parametrize("name", ["TLS_CERTIFICATE", "TLS_KEY", "TLS_KEY_PASSWORD", "TLS_CLIENT_CA"])
def test_one_setting_of_tls_without_the_others_is_refused(name: str, tmp_path: Path) -> None:
    environment = {f"PLUMBLINE_{name}": "secret"}
    finished = run("--models", str(GOLDEN_MODELS), "--port", "0", **environment)
    assert finished.returncode == 2
    assert finished.stderr == (
        f"error: PLUMBLINE_{name} is set, and TLS takes both PLUMBLINE_TLS_CERTIFICATE and PLUMBLINE_TLS_KEY\n"
    )


def test_an_authority_of_clients_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    server = Authority(tmp_path).sign("server")
    for content, said in ((None, "cannot be read"), (b"x", "expected certificates in PEM, found none")):
        ca = tmp_path / "ca.pem"
        if content is not None:
            ca.write_bytes(content)
        with pytest.raises(InputError, match=said):
            Tls(server.certificate, server.key, None, ca).context()


def test_an_authority_of_clients_is_replaced_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("service.access.tls.SECONDS", 0.0)
    server, ca = Authority(tmp_path), tmp_path / "clients.pem"
    first, second = Authority(tmp_path / "first"), Authority(tmp_path / "second")
    shutil.copy(first.certificate, ca)
    signed = server.sign("server")
    tls = Tls(signed.certificate, signed.key, None, ca)
    context = tls.for_server(Config(""), tls.context)
    shake_hands(context, trusting(server, first.sign("client")))
    shutil.copy(second.certificate, ca)
    shake_hands(context, trusting(server, second.sign("client")))
    with pytest.raises(ssl.SSLCertVerificationError):
        shake_hands(context, trusting(server, first.sign("client")))


def shake_hands(server: ssl.SSLContext, client: ssl.SSLContext) -> None:
    """Let a client and a server talk in memory until both are sure of each other."""
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    ends = [
        client.wrap_bio(to_client, to_server, server_hostname="127.0.0.1"),
        server.wrap_bio(to_server, to_client, server_side=True),
    ]
    while ends:
        for end in list(ends):
            try:
                end.do_handshake()
                ends.remove(end)
            except ssl.SSLWantReadError:
                continue


def test_browsers_are_told_to_come_back_over_tls(service: Serving, authority: Authority) -> None:
    for path in ("/score", "/models", "/docs"):
        assert ask(service, trusting(authority), path).headers["strict-transport-security"] == "max-age=31536000"
