"""Who does something, and from which IP address, for the audit trail."""

from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address
from typing import Any, Protocol, Self

from django.contrib.auth.models import AbstractUser

from .conf import app_settings


class RequestWithUser(Protocol):
    """The part of Django's ``HttpRequest`` that is needed here."""

    META: dict[str, Any]
    user: Any


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: made from the request by views and the admin, and passed to the rules."""

    user: AbstractUser | None = None
    """``None`` where no user acts: for a command, or for a request of an application."""
    ip: str | None = None
    """As ``client_ip`` returns it. Stored only with ``KEEP_IP_ADDRESSES``."""

    @classmethod
    def of(cls, request: RequestWithUser) -> Self:
        """Return the signed-in user of ``request``, if any, and the client IP."""
        return cls(request.user if request.user.is_authenticated else None, client_ip(request.META))


SYSTEM = Actor()
"""The site itself: commands, and consequences of something else, such as a deleted row."""


def client_ip(meta: Mapping[str, Any]) -> str:
    """
    Return the client's IP address from ``request.META``; of IPv6 the /64 network, since every client has a whole one.

    ``X-Forwarded-For`` is trusted only with DRF's ``NUM_PROXIES``, and as far as it says. What is no IP address, as the
    name of a Unix socket, is returned unchanged.
    """
    address = str(meta.get("REMOTE_ADDR") or "")
    forwarded, proxies = meta.get("HTTP_X_FORWARDED_FOR"), app_settings.proxies()
    if forwarded is not None and proxies:
        hops = forwarded.split(",")
        address = hops[-min(proxies, len(hops))].strip()
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    if not isinstance(parsed, IPv6Address):
        return address
    # A server that listens on IPv6 alone sees IPv4 clients as ::ffff:192.0.2.1 (RFC 4291 section 2.5.5.2).
    return str(parsed.ipv4_mapped or IPv6Address(int(parsed) >> 64 << 64))
