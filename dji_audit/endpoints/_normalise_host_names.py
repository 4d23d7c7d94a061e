"""Host names in the normalised spelling in which they are compared."""

import ipaddress
import re

import idna

#: The full stop, and the three characters that UTS 46 treats as one.
_DOTS = ".\u3002\uff0e\uff61"
_MAX_NAME_LENGTH = 253
#: Two labels or more, of which the last is no number.
_PUBLIC_NAME = re.compile(r"(?:[a-z0-9_*-]{1,63}\.)+(?!\d+\Z)[a-z0-9-]{2,63}")
#: Ends of names that routers and devices give (RFC 6762, 8375; ICANN's reserved ``internal``).
_ENDS_OF_LOCAL_NAMES = (
    ".fritz.box", ".home", ".home.arpa", ".internal", ".lan", ".local", ".localdomain",
    ".localhost",
)  # fmt: skip


def normalise_host(host: str) -> str | None:
    """Return a host in lower-case ASCII without a trailing dot; ``None`` if it is not a host.

    Names in other scripts are mapped by UTS 46 and encoded (IDNA 2008).
    Addresses are returned in their shortest form, without brackets.
    """
    name = host.strip()
    if not name or len(name) > 1000:
        return None
    if name.isascii():
        name = name.lower().rstrip(".")
    else:
        try:
            name = idna.encode(name.rstrip(_DOTS), uts46=True).decode("ascii").lower()
        except (idna.IDNAError, UnicodeError):
            return None
    if ":" in name:
        name = _compress_if_ip_address(name)
    return name if 0 < len(name) <= _MAX_NAME_LENGTH else None


def is_public_host_name(host: str) -> bool:
    """Return whether a host is a name of the public DNS, by which its operator can be found.

    ``server``, ``nas.local`` and texts that are no host name mean something only to one network.
    """
    name = normalise_host(host) or ""
    is_name = _PUBLIC_NAME.fullmatch(name) and not name.endswith(_ENDS_OF_LOCAL_NAMES)
    return bool(is_name) and not is_ip_address(name)


def is_ip_address(name: str) -> bool:
    """Return whether a normalised name is an IP address."""
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def parse_ip_range(name: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network | None:
    """Return an address range such as ``223.166.0.0/15``; ``None`` if it is none.

    Bits of a host within the range do not matter.
    """
    if "/" not in name:
        return None
    try:
        return ipaddress.ip_network(name, strict=False)
    except ValueError:
        return None


def _compress_if_ip_address(name: str) -> str:
    bare = name.removeprefix("[").removesuffix("]")
    try:
        return str(ipaddress.ip_address(bare))
    except ValueError:
        return name
