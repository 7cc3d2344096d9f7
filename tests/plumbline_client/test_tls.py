"""The client over TLS: it knows whom it talks to, and can say who it is."""

import ssl
from pathlib import Path

import pytest

from plumbline_client import CertificateError, NoAnswerError, PlumblineClient
from tests.plumbline_client.between import Scripted, answering
from tests.plumbline_client.certificates import Authority

READY = Scripted.of(200, {"default": None, "models": []})


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


def served_by(authority: Authority) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*authority.vouch("plumbline.example"))
    return context


def test_a_service_whose_authority_is_known_is_talked_to(authority: Authority) -> None:
    with (
        answering(READY, tls=served_by(authority)) as script,
        PlumblineClient(script.url, ca_file=authority.file) as client,
    ):
        assert client.models().models == ()


def test_one_whose_authority_is_not_is_refused_at_once(authority: Authority, tmp_path: Path) -> None:
    other = Authority(tmp_path, "elsewhere")
    with answering(READY, tls=served_by(authority)) as script:
        for ca_file in (None, other.file):
            with PlumblineClient(script.url, ca_file=ca_file) as client, pytest.raises(CertificateError) as refused:
                client.models()
            assert refused.value.code == "certificate_refused"
    assert script.asked == []


def test_one_that_answers_in_another_name_is_refused(authority: Authority) -> None:
    with answering(READY, tls=served_by(authority)) as script:
        url = script.url.replace("127.0.0.1", "localhost")
        with PlumblineClient(url, ca_file=authority.file) as client, pytest.raises(CertificateError):
            client.models()


def test_a_client_proves_who_it_is_where_it_is_asked(authority: Authority) -> None:
    context = served_by(authority)
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_verify_locations(authority.file)
    certificate, key = authority.vouch("line-7", password="secret")
    with answering(READY, tls=context) as script:
        with PlumblineClient(
            script.url, ca_file=authority.file, certificate_file=certificate, key_file=key, key_password="secret"
        ) as client:
            client.models()
        with PlumblineClient(script.url, ca_file=authority.file, retries=0) as nobody, pytest.raises(NoAnswerError):
            nobody.models()
    assert len(script.asked) == 1


def test_certificates_that_are_not_there_are_told_when_the_client_is_made(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        PlumblineClient("https://127.0.0.1", ca_file=tmp_path / "nowhere.pem")
