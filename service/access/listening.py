"""Where the service may listen: beyond this machine only with keys, or where the operator says that it needs none."""

import logging
from ipaddress import ip_address

from model.errors import InputError

log = logging.getLogger("plumbline.access")


def check_listening(address: str, *, has_keys: bool, is_allowed: bool, is_encrypted: bool) -> None:
    """Check that an address may be listened on; warn of what others can do there.

    Raises:
        InputError: others could connect, and everything would be open to them.
    """
    if ip_address(address.partition("%")[0]).is_loopback:
        return
    if not has_keys and not is_allowed:
        raise InputError(
            f"on {address} others than this machine can connect, and there are no keys: name a file of keys in "
            "PLUMBLINE_KEYS (plumbline-keys makes one), or let everybody do everything with PLUMBLINE_ALLOW_ANONYMOUS=true"
        )
    if not has_keys:
        log.warning("others than this machine can connect, and whoever does may do everything")
    if not is_encrypted:
        log.warning("what others send and are sent is not encrypted")
