"""Sets within a local set: the security marking (MISB ST 0102) and moving targets (ST 0903).

Facts: MISB ST 0102 (items 1 classification, 3 classifying country, 4 compartments, 5 caveats,
6 releasing instructions, 13 object countries) and ST 0903 (5 detected, 6 reported targets).
"""

from collections.abc import Iterator

_CLASSIFICATIONS = {
    1: "UNCLASSIFIED", 2: "RESTRICTED", 3: "CONFIDENTIAL", 4: "SECRET", 5: "TOP SECRET",
}  # fmt: skip
_TEXTS = {
    3: "classifying country", 4: "compartments", 5: "caveats", 6: "releasing instructions",
    13: "object countries",
}  # fmt: skip
_DETECTED, _REPORTED = 5, 6
_MOST_ITEMS = 100


def decode_nested_klv_items(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield tag and value of the items of a nested local set, up to the first that is damaged."""
    at = 0
    for _ in range(_MOST_ITEMS):
        if at + 2 > len(data) or data[at] >= 0x80:
            return
        tag, size, at = data[at], data[at + 1], at + 2
        if size >= 0x80:
            count = size - 0x80
            if not 1 <= count <= 4 or at + count > len(data):
                return
            size, at = int.from_bytes(data[at : at + count], "big"), at + count
        if at + size > len(data):
            return
        yield tag, data[at : at + size]
        at += size


def security_fields(data: bytes) -> dict[str, str]:
    """Return the marking of a security local set: its classification and its texts."""
    fields: dict[str, str] = {}
    for tag, value in decode_nested_klv_items(data):
        if tag == 1 and len(value) == 1:
            fields["classification"] = _CLASSIFICATIONS.get(value[0], f"class {value[0]}")
        elif tag in _TEXTS and value:
            fields[_TEXTS[tag]] = _decode_utf8_or_utf16_security_text(value)
    return fields


def _decode_utf8_or_utf16_security_text(value: bytes) -> str:
    """Return a text, of ST 0102 in UTF-8 or, for codes of countries, UTF-16."""
    encoding = "utf-16-be" if value[0] == 0 and not len(value) % 2 else "utf-8"
    return value.decode(encoding, "replace").strip("\0 ")


def detected_and_reported_target_counts(data: bytes) -> tuple[int | None, int | None]:
    """Return how many moving targets were detected, and reported; ``None``: not stated."""
    counts = {
        tag: int.from_bytes(value, "big")
        for tag, value in decode_nested_klv_items(data)
        if tag in (_DETECTED, _REPORTED) and 1 <= len(value) <= 3
    }
    return counts.get(_DETECTED), counts.get(_REPORTED)
