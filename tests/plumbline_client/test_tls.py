"""The client and a service that speaks TLS: it knows whom it talks to, and can say who it is."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from plumbline_client import CertificateError, NoAnswerError, PlumblineClient
from tests.service.access.certificates import Authority
from tests.service.bundles import GOLDEN_MODELS
from tests.service.programs import Serving, serving

ROW = [8.1, 121.5, 45.2, 11.1]


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
def service(authority: Authority, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    """Serve those who show a certificate of the authority."""
    server = authority.sign("server")
    with serving(
        GOLDEN_MODELS,
        tmp_path_factory.mktemp("service") / "log",
        PLUMBLINE_TLS_CERTIFICATE=str(server.certificate),
        PLUMBLINE_TLS_KEY=str(server.key),
        PLUMBLINE_TLS_CLIENT_CA=str(authority.certificate),
    ) as running:
        yield running


def test_both_prove_who_they_are(service: Serving, authority: Authority) -> None:
    own = authority.sign("line-7", b"secret")
    with PlumblineClient(
        service.url,
        ca_file=authority.certificate,
        certificate_file=own.certificate,
        key_file=own.key,
        key_password="secret",
    ) as client:
        assert client.score([ROW]).results[0].verdict == "normal"
        assert client.ready()


def test_who_does_not_is_not_answered(service: Serving, authority: Authority) -> None:
    with PlumblineClient(service.url, ca_file=authority.certificate, retries=0) as nobody, pytest.raises(NoAnswerError):
        nobody.score([ROW])


def test_a_service_that_nobody_known_vouches_for_is_refused_at_once(service: Serving, tmp_path: Path) -> None:
    other = Authority(tmp_path)
    for ca_file in (None, other.certificate):
        with PlumblineClient(service.url, ca_file=ca_file) as client, pytest.raises(CertificateError) as refused:
            client.score([ROW])
        assert refused.value.code == "certificate_refused"


def test_one_that_answers_in_another_name_is_refused(service: Serving, authority: Authority) -> None:
    url = service.url.replace("127.0.0.1", "localhost")
    with PlumblineClient(url, ca_file=authority.certificate) as client, pytest.raises(CertificateError):
        client.score([ROW])


def test_certificates_that_are_not_there_are_told_when_the_client_is_made(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        PlumblineClient("https://127.0.0.1", ca_file=tmp_path / "nowhere.pem")
