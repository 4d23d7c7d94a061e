"""DNS messages (RFC 1035, 3596, 9460): who was asked for, and what the answer was.

A name may point back into its message; each pointer must go further back than the one
before, so that no loop is possible.
"""

import ipaddress
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

_LONGEST_NAME = 255
#: More questions are no DNS message; more answers are left where they are.
_MOST_QUESTIONS, _MOST_ANSWERS = 32, 512
A, _NS, _CNAME, _PTR, AAAA, _SVCB, _HTTPS = 1, 2, 5, 12, 28, 64, 65
_SVCB_ECH = 5
TYPES = {
    A: "A", _NS: "NS", _CNAME: "CNAME", 6: "SOA", _PTR: "PTR", 13: "HINFO", 15: "MX", 16: "TXT",
    AAAA: "AAAA", 29: "LOC", 33: "SRV", 35: "NAPTR", 43: "DS", 46: "RRSIG", 48: "DNSKEY",
    _SVCB: "SVCB", _HTTPS: "HTTPS", 249: "TKEY", 255: "ANY",
}  # fmt: skip
CODES = {0: "NOERROR", 1: "FORMERR", 2: "SERVFAIL", 3: "NXDOMAIN", 4: "NOTIMP", 5: "REFUSED"}
NO_ERROR = 0


class DnsAnswer(NamedTuple):
    """One record of an answer."""

    name: str
    type: int
    #: Address or name; empty for records of other types.
    value: str
    #: Whether it offers keys for an encrypted ClientHello.
    ech: bool = False


@dataclass(frozen=True, slots=True)
class DnsMessage:
    """One message."""

    number: int
    response: bool
    code: int
    questions: tuple[tuple[str, int], ...]
    answers: tuple[DnsAnswer, ...]
    #: Whether it ends before what it announces does, or breaks a rule.
    damaged: bool

    @property
    def addresses(self) -> tuple[str, ...]:
        """The addresses in the answer."""
        return tuple(row.value for row in self.answers if row.type in (A, AAAA) and row.value)


def parse_dns_message(data: bytes) -> DnsMessage | None:
    """Return the message that a datagram holds; ``None``: it is none."""
    if len(data) < 12:
        return None
    number, flags, question_count, answer_count = (
        int.from_bytes(data[offset : offset + 2]) for offset in (0, 2, 4, 6)
    )
    if (flags >> 11) & 15 > 6 or question_count > _MOST_QUESTIONS or flags & 0x40:
        return None
    questions: list[tuple[str, int]] = []
    answers: list[DnsAnswer] = []
    offset, damaged = 12, False
    try:
        for _ in range(question_count):
            name, offset = read_name_and_end(data, offset)
            questions.append((name, _read_u16(data, offset)))
            offset += 4
        for _ in range(min(answer_count, _MOST_ANSWERS)):
            row, offset = _read_answer_and_end(data, offset)
            answers.append(row)
    except ValueError:
        damaged = True
    if question_count and not questions:
        return None
    return DnsMessage(
        number, bool(flags & 0x8000), flags & 15, tuple(questions), tuple(answers), damaged
    )


def _read_answer_and_end(data: bytes, offset: int) -> tuple[DnsAnswer, int]:
    name, offset = read_name_and_end(data, offset)
    kind, size = _read_u16(data, offset), _read_u16(data, offset + 8)
    offset += 10
    end = offset + size
    if end > len(data):
        raise ValueError("a record that is longer than its message")
    value, ech = "", False
    if (kind, size) in ((A, 4), (AAAA, 16)):
        value = str(ipaddress.ip_address(data[offset:end]))
    elif kind in (_CNAME, _NS, _PTR):
        value, _ = read_name_and_end(data, offset)
    elif kind in (_SVCB, _HTTPS):
        value, ech = _read_svcb_target_and_ech_flag(data, offset, end)
    return DnsAnswer(name, kind, value, ech), end


def _read_svcb_target_and_ech_flag(data: bytes, offset: int, end: int) -> tuple[str, bool]:
    value, offset = read_name_and_end(data, offset + 2)
    ech = False
    while offset + 4 <= end:
        ech |= _read_u16(data, offset) == _SVCB_ECH
        offset += 4 + _read_u16(data, offset + 2)
    return value, ech


def _read_u16(data: bytes, offset: int) -> int:
    if offset + 2 > len(data):
        raise ValueError("a message that ends within a field")
    return int.from_bytes(data[offset : offset + 2])


def read_name_and_end(data: bytes, offset: int) -> tuple[str, int]:
    """Return the name at a place, lower case without its last dot, and where it ends.

    Bytes that are not printable, dots and backslashes within a label are written
    ``\\DDD``, as zone files do (RFC 1035 section 5.1).

    Raises:
        ValueError: If the message ends within it, or it breaks a rule.
    """
    labels: list[str] = []
    total, end, lowest = 0, -1, offset
    while True:
        if offset >= len(data):
            raise ValueError("a name that does not end")
        size = data[offset]
        if size >= 0xC0:
            target = _read_u16(data, offset) & 0x3FFF
            end = offset + 2 if end < 0 else end
            if target >= lowest:
                raise ValueError("a pointer that does not go back")
            offset = lowest = target
            continue
        offset += 1
        total += size + 1
        if size > 63 or total > _LONGEST_NAME or offset + size > len(data):
            raise ValueError("a label that is too long")
        if not size:
            return ".".join(labels), offset if end < 0 else end
        labels.append(_label_text(data[offset : offset + size]))
        offset += size


@lru_cache(1 << 14)
def _label_text(data: bytes) -> str:
    text = data.decode("latin-1").lower()
    if text.replace("-", "a").replace("_", "a").isalnum() and text.isascii():
        return text
    return "".join(
        chr(byte) if 0x20 < byte < 0x7F and chr(byte) not in ".\\" else f"\\{byte:03d}"
        for byte in data.lower()
    )


def record_type_name(kind: int) -> str:
    """Return the name of a type of record."""
    return TYPES.get(kind, f"TYPE{kind}")


def response_code_name(code: int) -> str:
    """Return the name of an answer's code."""
    return CODES.get(code, f"RCODE{code}")
