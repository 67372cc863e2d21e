"""A tenant's webhook: where it may lead to, and how its messages are signed.

An operator names the hosts. A tenant names a URL on one of them, https unless the host is a loopback one; what a name
stands for is checked again at each delivery (`is_public`), because names can change their minds.
"""

import hmac
import re
from collections.abc import Collection
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from urllib.parse import urlsplit

MOST_URL = 2048
PORTS = {"https": 443, "http": 80}
LOCALHOST = "localhost"
NAT64 = IPv6Network("64:ff9b::/96")
SPECIAL = tuple(map(IPv4Network, ("100.64.0.0/10", "192.0.0.0/24", "192.88.99.0/24")))
"""Shared address space, protocol assignments and relays to IPv6: public to Python, and nobody's."""
SHOWN_OF_SECRET = 4

Address = IPv4Address | IPv6Address
_URL = re.compile(r"[!-~]+")


@dataclass(frozen=True, slots=True)
class Webhook:
    """Where a tenant wants to be told. `secret` is the key of the signatures; `created_at` has 27 characters."""

    url: str
    secret: str
    created_at: str

    @property
    def secret_prefix(self) -> str:
        """As much of the secret as may be shown."""
        return self.secret[:SHOWN_OF_SECRET]


@dataclass(frozen=True, slots=True)
class Target:
    """A URL in the parts that a request is made of; `path` includes the query."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def authority(self) -> str:
        """The value of the `Host` header."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == PORTS[self.scheme] else f"{host}:{self.port}"


def read_host(text: str) -> str:
    """A host in the one form in which hosts are compared: lower case, addresses in their shortest spelling."""
    host = text.strip().lower().removeprefix("[").removesuffix("]")
    literal = as_address(host)
    return host if literal is None else str(literal)


def target_of(url: str, allowed: Collection[str]) -> Target:
    """The parts of a URL that may be a webhook.

    Raises:
        ValueError: it may not; the text names the rule.
    """
    if len(url) > MOST_URL or not _URL.fullmatch(url) or "\\" in url:
        reason = f"must be at most {MOST_URL} printable ASCII characters"
        raise ValueError(reason)
    parts = urlsplit(url)
    if parts.scheme not in PORTS or not parts.hostname:
        raise ValueError("must be an https URL")
    if "@" in parts.netloc or parts.fragment:
        raise ValueError("must have neither credentials nor a fragment")
    host = read_host(parts.hostname)
    if host not in allowed:
        raise ValueError("must be on a host that the operator allows")
    if parts.scheme != "https" and not is_loopback_name(host):
        raise ValueError("must be an https URL")
    if parts.port == 0:
        raise ValueError("must have a port from 1 to 65535")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(parts.scheme, host, parts.port or PORTS[parts.scheme], path)


def may_connect(host: str, address: str) -> bool:
    """Whether a request to `host`, which is allowed, may go to an address that it resolved to.

    Addresses inside networks are for those hosts only that the operator allowed as an address or as `localhost`.
    """
    found = ip_address(address)
    if as_address(host) is not None:
        return str(found) == host
    return found.is_loopback if host == LOCALHOST else is_public(found)


def is_public(address: Address) -> bool:
    """Whether anybody on the Internet could have that address, also behind the ways to write IPv4 within IPv6."""
    if isinstance(address, IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour or (address.teredo or (None, None))[1]
        if address in NAT64:
            inner = IPv4Address(int(address) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(inner)
        if address.is_site_local:
            return False
    elif any(address in network for network in SPECIAL):
        return False
    return address.is_global and not address.is_multicast and not address.is_reserved


def is_loopback_name(host: str) -> bool:
    """Whether a host stands for this machine by its very name."""
    literal = as_address(host)
    return host == LOCALHOST if literal is None else literal.is_loopback


def as_address(host: str) -> Address | None:
    """The address that a host is, if it is one."""
    try:
        return ip_address(host)
    except ValueError:
        return None


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """`v1=` and the HMAC-SHA-256, in hex, of `<timestamp>.<body>`."""
    signed = timestamp.encode() + b"." + body
    return f"v1={hmac.new(secret.encode(), signed, 'sha256').hexdigest()}"
