"""Write DJI app flight records (``DJIFlightRecord_*.txt``), versions 1 to 14.

An encoder made from a description of the bytes; it shares no line with a reader, so a test that
reads what it wrote means something.

A file is a prefix, a chain of frames and a block of Details::

    v1-v5    prefix 12 | frames | marker, pictures | Details 400
    v6-v11   prefix 100 | frames | marker, pictures | Details 400
    v12      prefix 100 | Details 436 | frames | marker, pictures
    v13-v14  prefix 100 | aux block 0 (Details, signature) | aux block 1 (version) | frames
             | marker, pictures

    frame    type u8 | length u8 (u16 from v13 on) | payload | 0xFF

Up to v6 a payload is the record's body as it is; from v7 on it is scrambled (see `scramble`); from
v13 on the body is first enciphered, AES-256-CBC under the key of the record's feature point, and
the IV runs on through all records of that feature point, in file order.

`encode` is all that most callers need::

    encode(11, [(10, b"GEO: You are in a Warning Zone.\\0")])
    encode(14, records, details=Details(aircraft_name="X"), keys=[fake_keys(14, types)])
"""

import base64
import hashlib
import json
import struct
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import NamedTuple, TypeAlias, TypedDict, Unpack

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from sample_logs.dji_details import Details, encode_details

__all__ = [
    "MARKER",
    "Details",
    "Encoded",
    "FeatureKey",
    "Frame",
    "Record",
    "encode",
    "encode_details",
    "fake_keys",
    "feature_point",
    "keychains_json",
    "lay_out",
    "scramble",
]

Record: TypeAlias = tuple[int, bytes]
"""A record's type and its body in clear."""

MARKER = struct.pack("<i", 12345)
"""The four bytes between the last frame and the pictures."""

FLIGHT_RECORD_RECOVER = 50
KEY_STORAGE = 56
PLAINTEXT = 8
RSA_SIZE = 256
BLOCK = 16

FEATURE_NAMES = {
    1: "Base",
    2: "Vision",
    3: "Waypoint",
    4: "Agriculture",
    5: "AirLink",
    6: "AfterSales",
    7: "DJIFlyCustom",
    8: "Plaintext",
    9: "FlightHub",
    10: "Gimbal",
    11: "RC",
    12: "Camera",
    13: "Battery",
    14: "FlySafe",
    15: "Security",
}

_COMMON_TYPES = {
    1: (1, 2, 6, 13, 14, 15, 40, 58, 59, 63),
    2: (17, 18),
    3: (31, 32, 34, 35, 36, 38, 39),
    4: tuple(range(41, 49)),
    5: (49,),
    6: (12, 16, 19, 26, 27),
    7: (5, 9, 10, 20, 24, 30, 54),
    PLAINTEXT: (FLIGHT_RECORD_RECOVER, KEY_STORAGE),
}
_V13_TYPES = {1: (3, 4, 7, 8, 11, 25, 29, 33), 6: (22, 28, 51, 52, 53, 55)}
_V14_TYPES = {
    9: (53,),
    10: (3,),
    11: (4, 11, 29, 33, 62),
    12: (25,),
    13: (7, 8, 22),
    14: (28, 51, 52),
    15: (55,),
}


class FeatureKey(NamedTuple):
    """The AES-256 key (32 bytes) and first IV (16 bytes) of one feature point."""

    key: bytes
    iv: bytes


class Frame(NamedTuple):
    """Where one record lies: ``size`` counts from its type byte to its 0xFF, both included."""

    type: int
    offset: int
    size: int


class Encoded(NamedTuple):
    """A file's bytes and the frame of every record given, in the order given."""

    data: bytes
    frames: tuple[Frame, ...]


class EncodeOptions(TypedDict, total=False):
    """The options of `lay_out`."""

    details: Details | bytes | None
    keys: Sequence[Mapping[int, FeatureKey]]
    pictures: Sequence[bytes]
    thumbnails: Sequence[bytes]
    department: int


def encode(version: int, records: Iterable[Record], **options: Unpack[EncodeOptions]) -> bytes:
    """Return the bytes of a flight record; the arguments are those of `lay_out`."""
    return lay_out(version, records, **options).data


def lay_out(
    version: int,
    records: Iterable[Record],
    *,
    details: Details | bytes | None = None,
    keys: Sequence[Mapping[int, FeatureKey]] = (),
    pictures: Sequence[bytes] = (),
    thumbnails: Sequence[bytes] = (),
    department: int = 3,
) -> Encoded:
    """Return a flight record and where its records lie.

    ``details`` may be ready bytes, for a test that needs wrong ones.  ``keys`` (v13 and v14 only)
    holds one mapping from feature point to key for each group; the records of group 0 come first
    and a record of type 50 starts the next group.  KeyStorage records are written from ``keys`` and
    need not be given; a record whose feature point has no key stays scrambled only.  Raises
    `ValueError` for an unknown version and for a body that its length field cannot hold.
    """
    if not 1 <= version <= 14:
        raise ValueError(f"version {version} is not one of 1 to 14")
    records = list(records)
    if not isinstance(details, bytes):
        lines = sum(record_type == 1 for record_type, _ in records)
        details = encode_details(version, details or Details(), lines, pictures, thumbnails)
    before = b""
    if version == 12:
        before = details
    elif version > 12:
        before = _aux_blocks(version, details, department)
    body_start = (12 if version < 6 else 100) + len(before)
    body, frames = _chain(version, records, keys, body_start)
    body += MARKER + b"".join((*pictures, *thumbnails))
    detail_offset = body_start if version > 12 else body_start + len(body)
    prefix = struct.pack("<QHBB", detail_offset, len(details), version, 0)
    prefix = prefix.ljust(body_start - len(before), b"\0")
    return Encoded(prefix + before + body + (details if version < 12 else b""), frames)


def _chain(
    version: int,
    records: Iterable[Record],
    keys: Sequence[Mapping[int, FeatureKey]],
    start: int,
) -> tuple[bytes, tuple[Frame, ...]]:
    """Return all frames as bytes and the places of the given records, counted from ``start``."""
    out = bytearray()
    frames: list[Frame] = []
    groups = iter(keys)
    chain = _begin_group(version, out, next(groups, {}))
    for number, (record_type, body) in enumerate(records):
        cipher = chain.get(feature_point(version, record_type) or 0)
        frame = _frame(version, record_type, cipher(body) if cipher else body, number)
        frames.append(Frame(record_type, start + len(out), len(frame)))
        out += frame
        if record_type == FLIGHT_RECORD_RECOVER:
            chain = _begin_group(version, out, next(groups, {}))
    return bytes(out), tuple(frames)


def _begin_group(
    version: int, out: bytearray, group: Mapping[int, FeatureKey]
) -> dict[int, "_ChainedCipher"]:
    """Append a group's KeyStorage records and return its ciphers by feature point."""
    for point in group:
        blob = hashlib.shake_128(f"no RSA, feature point {point}".encode()).digest(RSA_SIZE)
        body = struct.pack("<HH", point, RSA_SIZE) + blob
        out += _frame(version, KEY_STORAGE, body, point)
    return {point: _ChainedCipher(key) for point, key in group.items() if point != PLAINTEXT}


class _ChainedCipher:
    """AES-256-CBC with PKCS7 padding; each body starts from the last block of the one before."""

    def __init__(self, key: FeatureKey) -> None:
        self._key, self._iv = key.key, key.iv

    def __call__(self, body: bytes) -> bytes:
        pad = BLOCK - len(body) % BLOCK
        encryptor = Cipher(algorithms.AES(self._key), modes.CBC(self._iv)).encryptor()
        out = encryptor.update(body + bytes([pad]) * pad) + encryptor.finalize()
        self._iv = out[-BLOCK:]
        return out


def _frame(version: int, record_type: int, body: bytes, number: int) -> bytes:
    """Return one framed record; ``number`` only chooses its scramble seed."""
    payload = body if version < 7 else scramble(record_type, body, (number * 151 + 7) & 0xFF)
    limit = 0xFF if version < 13 else 0xFFFF
    if len(payload) > limit:
        raise ValueError(f"type {record_type}: {len(payload)} bytes, v{version} holds {limit}")
    head = struct.pack("<BB" if version < 13 else "<BH", record_type, len(payload))
    return head + payload + b"\xff"


def _aux_blocks(version: int, details: bytes, department: int) -> bytes:
    """Return the two auxiliary blocks of v13 and v14; the signature is filler and verifies not."""
    info = struct.pack("<BH", 0, len(details)) + details
    info = scramble(0, info + struct.pack("<H", RSA_SIZE) + b"\x11" * RSA_SIZE, 0x5A)
    about = struct.pack("<HBB", 3 if version == 13 else 4, department, 0)
    return struct.pack("<BH", 0, len(info)) + info + struct.pack("<BH", 1, len(about)) + about


def scramble(record_type: int, body: bytes, first: int) -> bytes:
    """Return ``first``, then body and trailer byte under XOR with the key of both numbers."""
    plain = body + bytes([(first + record_type) & 0xFF])
    key = _xor_key(record_type, first)
    return bytes([first]) + bytes(b ^ key[i & 7] for i, b in enumerate(plain))


@cache
def _xor_key(record_type: int, first: int) -> bytes:
    """Return the 8 key bytes: CRC-64/Jones of a multiple of ``first``, seeded with the type."""
    crc = (first + record_type) & 0xFF
    for byte in struct.pack("<Q", (0x123456789ABCDEF0 * first) & (2**64 - 1)):
        crc ^= byte
        for _ in range(8):
            crc = (crc >> 1) ^ (0x95AC9329AC4BC9B5 if crc & 1 else 0)
    return struct.pack("<Q", crc)


def feature_point(version: int, record_type: int) -> int | None:
    """Return the feature point whose key enciphers this type, or None if no key does."""
    if version < 13:
        return None
    for table in (_COMMON_TYPES, _V13_TYPES if version == 13 else _V14_TYPES):
        for point, types in table.items():
            if record_type in types:
                return point
    return None


def fake_keys(version: int, types: Iterable[int], label: str = "") -> dict[int, FeatureKey]:
    """Return made-up keys, always the same, for every feature point that ``types`` need."""
    points = {feature_point(version, record_type) for record_type in types} - {None, PLAINTEXT}
    keys = {}
    for point in sorted(filter(None, points)):
        seed = f"synthetic {label} {point}".encode()
        iv = hashlib.sha256(seed + b" iv").digest()[:BLOCK]
        keys[point] = FeatureKey(hashlib.sha256(seed).digest(), iv)
    return keys


def keychains_json(groups: Sequence[Mapping[int, FeatureKey]]) -> str:
    """Return key groups in the form of the ``data`` of DJI's answer to a keychains request."""
    rows = [
        [
            {
                "featurePoint": f"FR_Standardization_Feature_{FEATURE_NAMES[point]}_{point}",
                "aesKey": base64.b64encode(key.key).decode(),
                "aesIv": base64.b64encode(key.iv).decode(),
            }
            for point, key in group.items()
        ]
        for group in groups
    ]
    return json.dumps(rows, indent=1) + "\n"
