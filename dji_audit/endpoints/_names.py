"""Names of hosts in the one spelling in which they are compared."""

import ipaddress

import idna

#: The full stop, and the three that UTS 46 holds to be one.
_DOTS = ".\u3002\uff0e\uff61"
_LONGEST = 253


def normalise(host: str) -> str | None:
    """Return a host in lower-case ASCII without a trailing dot; ``None`` if it is none.

    Names in other scripts are mapped by UTS 46 and encoded (IDNA 2008).
    Addresses are given in their shortest form, without brackets.
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
        name = _address(name)
    return name if 0 < len(name) <= _LONGEST else None


def is_address(name: str) -> bool:
    """Return whether a normalised name is an IP address."""
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _address(name: str) -> str:
    bare = name.removeprefix("[").removesuffix("]")
    try:
        return str(ipaddress.ip_address(bare))
    except ValueError:
        return name
