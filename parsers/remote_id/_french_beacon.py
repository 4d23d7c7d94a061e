"""The beacon of France: type, length and value in the element 6A:5C:35 of Wi-Fi.

Facts: decree of 27 December 2019 on the characteristics of electronic signalling of aircraft
without a person on board (NOR ECOI1934044A); published receivers of such beacons.  Numbers are
big endian; latitude and longitude are degrees x 1e5; the altitude is above mean sea level, the
height above the take-off point; the ``home`` is the take-off point.
"""

from collections.abc import Mapping
from types import MappingProxyType

#: Type -> name, and bytes of a number; 0: a text.
FIELDS: Mapping[int, tuple[str, int]] = MappingProxyType(
    {
        1: ("version", 1), 2: ("french_id", 0), 3: ("serial", 0), 4: ("latitude", 4),
        5: ("longitude", 4), 6: ("altitude", 2), 7: ("height", 2), 8: ("home_latitude", 4),
        9: ("home_longitude", 4), 10: ("speed", 1), 11: ("heading", 2),
    }
)  # fmt: skip
_UNSIGNED = ("version", "speed", "heading")


def beacon_fields_and_damage_reason(body: bytes) -> tuple[dict[str, int | str], str]:
    """Return the fields of a beacon, and why it is damaged, a clause; empty: it is not.

    A field of another length than its own is damage and is left out, not cut to fit.
    """
    fields: dict[str, int | str] = {}
    damage, at = "", 0
    while at + 2 <= len(body):
        kind, size = body[at], body[at + 1]
        value = body[at + 2 : at + 2 + size]
        if len(value) < size:
            return fields, f"a field of {size} bytes is cut off after {len(value)}"
        name, width = FIELDS.get(kind, ("", 0))
        if name and not width:
            text = value.split(b"\0")[0].decode("ascii", "replace").strip()
            if text:
                fields[name] = text
        elif name and (size == width or (name == "heading" and size == 1)):
            fields[name] = int.from_bytes(value, "big", signed=name not in _UNSIGNED)
        elif name:
            damage = damage or f"the field {name} has {size} bytes, not {width}"
        at += 2 + size
    return fields, damage
