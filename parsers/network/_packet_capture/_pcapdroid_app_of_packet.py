"""Which app a packet belongs to, as PCAPdroid for Android writes it.

Facts: PCAPdroid's ``pcap_dump.c`` and ``pcapdroid.lua``.  In a pcap each packet has a
made-up Ethernet header before it and a trailer behind it: magic, number of the app's
user, name of the app (20 bytes, cut if longer), checksum.  In a pcapng a custom block
ties the user to a package, and a comment ``u-<user>`` stands with each packet.
"""

import re
from collections.abc import Mapping
from typing import Literal

_MAGIC = bytes.fromhex("01072021")
_TRAILER = 32
PRIVATE_ENTERPRISE_NUMBER = 62_652
"""Private enterprise number of PCAPdroid's author."""
_COMMENT = re.compile(rb"u-(-?\d{1,10})$")


def app_in_trailer(packet: bytes) -> str | None:
    """Return the app that the trailer of a packet names."""
    trailer = packet[-_TRAILER:]
    if len(trailer) < _TRAILER or not trailer.startswith(_MAGIC):
        return None
    name = trailer[8:28].split(b"\0")[0].decode("utf-8", "ignore").strip()
    return name or f"user {int.from_bytes(trailer[4:8], signed=True)}"


def android_uid_in_comment(comment: bytes) -> int | None:
    """Return the user that a comment names."""
    match = _COMMENT.match(comment)
    return int(match[1]) if match else None


def android_uid_and_package(data: bytes, little: bool) -> tuple[int, str] | None:
    """Return user and package of the content of a custom block, behind its number."""
    order: Literal["little", "big"] = "little" if little else "big"
    if len(data) < 10 or int.from_bytes(data[0:2], order) != 1 or data[2] != 1:
        return None
    user = int.from_bytes(data[4:8], order, signed=True)
    package = data[10 : 10 + data[8]].decode("utf-8", "replace")
    name = data[10 + data[8] : 10 + data[8] + data[9]].decode("utf-8", "replace")
    return (user, package or name) if package or name else None


def app_name_or_android_uid(user: int | None, apps: Mapping[int, str]) -> str | None:
    """Return the app of a user, or the user's number if the file does not name it."""
    if user is None or user < 0:
        return None
    return apps.get(user, f"user {user}")
