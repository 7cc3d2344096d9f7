import pytest

from model.errors import InputError
from service.access.listening import check_listening


@pytest.mark.parametrize("address", ["127.0.0.1", "127.8.9.1", "::1"])
def test_on_this_machine_alone_no_keys_are_needed(address: str, caplog: pytest.LogCaptureFixture) -> None:
    check_listening(address, has_keys=False, is_allowed=False, is_encrypted=False)
    assert not caplog.records


@pytest.mark.parametrize("address", ["0.0.0.0", "10.0.0.1", "::", "fe80::1%eth0", "2001:db8::1"])
def test_where_others_can_connect_keys_are_needed_or_a_word_that_they_are_not(
    address: str, caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.raises(InputError, match=r"PLUMBLINE_KEYS .* PLUMBLINE_ALLOW_ANONYMOUS=true$"):
        check_listening(address, has_keys=False, is_allowed=False, is_encrypted=False)
    check_listening(address, has_keys=True, is_allowed=False, is_encrypted=False)
    assert [record.message for record in caplog.records] == ["what others send and are sent is not encrypted"]
    caplog.clear()
    check_listening(address, has_keys=False, is_allowed=True, is_encrypted=True)
    assert [record.message for record in caplog.records] == [
        "others than this machine can connect, and whoever does may do everything"
    ]
