"""Where a request comes from, as its WSGI or ASGI variables tell."""

from collections.abc import Mapping
from ipaddress import IPv6Address, ip_address
from typing import Any

from .conf import app_settings


def address_in(variables: Mapping[str, Any]) -> str:
    """
    Return the address in ``variables`` (``request.META``); of IPv6 the network, since everybody has a whole one.

    A site behind proxies says how many with DRF's ``NUM_PROXIES``; without it no header is believed.
    """
    address = str(variables.get("REMOTE_ADDR") or "")
    forwarded, proxies = variables.get("HTTP_X_FORWARDED_FOR"), app_settings.proxies()
    if forwarded is not None and proxies:
        hops = forwarded.split(",")
        address = hops[-min(proxies, len(hops))].strip()
    try:
        parsed = ip_address(address)
    except ValueError:
        return address  # a socket of the machine's own, or what a proxy made up
    return str(IPv6Address(int(parsed) >> 64 << 64)) if isinstance(parsed, IPv6Address) else address
