"""Who does something, and from which IP address: what the audit trail says of every act."""

from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address
from typing import Any, Protocol, Self

from django.contrib.auth.models import AbstractUser

from .conf import app_settings


class RequestWithUser(Protocol):
    """What is needed of Django's ``HttpRequest``."""

    META: dict[str, Any]
    user: Any


@dataclass(frozen=True, slots=True)
class Actor:
    """Made at each door with ``of``; without a user and an IP address it is the system itself."""

    user: AbstractUser | None = None
    """``None`` where no user acts: a command, or an application with its own credentials."""
    ip: str | None = None
    """As ``client_ip`` returns it. The audit trail keeps it only where the site keeps IP addresses."""

    @classmethod
    def of(cls, request: RequestWithUser) -> Self:
        """Return the signed-in user of ``request`` and where the request came from."""
        return cls(request.user if request.user.is_authenticated else None, client_ip(request.META))


SYSTEM = Actor()
"""The system itself: commands, and what follows from something else, such as a deleted row."""


def client_ip(meta: Mapping[str, Any]) -> str:
    """
    Return the client's IP address from ``request.META``; of IPv6 the /64 network, since every client has a whole one.

    A site behind proxies says how many with DRF's ``NUM_PROXIES``; without it ``X-Forwarded-For`` is not believed. What
    is no IP address, such as a Unix socket's name, is returned as it is.
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
