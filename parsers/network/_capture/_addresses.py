"""Addresses as text: IPv4 and IPv6 from two halves, MAC from six bytes."""

import ipaddress
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from ._ip import MAPPED


def text_of(address: npt.NDArray[np.uint64]) -> str:
    """Return an address, given as two halves, as text."""
    return _text(int(address[0]), int(address[1]))


@lru_cache(1 << 16)
def _text(high: int, low: int) -> str:
    if not high and low >> 32 == MAPPED >> 32:
        return str(ipaddress.IPv4Address(low & 0xFFFFFFFF))
    return ipaddress.IPv6Address(high << 64 | low).compressed


def texts_of(addresses: npt.NDArray[np.uint64]) -> list[str]:
    """Return addresses, shape ``(n, 2)``, as text."""
    return [_text(high, low) for high, low in addresses.tolist()]


def mac(data: bytes) -> str | None:
    """Return a hardware address as text; ``None``: it is all zeros, which is nobody's."""
    return data.hex(":") if len(data) == 6 and any(data) else None
