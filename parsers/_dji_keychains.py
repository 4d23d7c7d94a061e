"""Keychains: the keys of DJI records of version 13 and later, and the request for them.

DJI's server answers a request with one list of keys for each part of a record
("group"); the answer is the same for ever and decrypts offline.  The form is
that of the documented answer, whole or only its ``data``:
``[[{"featurePoint": "FR_Standardization_Feature_Base_1", "aesKey": base64 of
32 bytes, "aesIv": base64 of 16 bytes}, ...], ...]``.

Facts of the request: lvauvillier/dji-log-parser 88fcfc96 ``keychain/api.rs``;
the same bytes as pydjirecord 1.3 sends.
"""

import base64
import binascii
import hashlib
import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Self

from ._errors import InvalidKeysError

#: A keychains file larger than this is not one: real ones are a few kilobytes.
MAX_KEYCHAINS_SIZE = 4 << 20

#: Number of a feature point -> its name on the wire, between prefix and number.
_POINT_NAMES: Mapping[int, str] = MappingProxyType(
    {
        1: "Base", 2: "Vision", 3: "Waypoint", 4: "Agriculture", 5: "AirLink", 6: "AfterSales",
        7: "DJIFlyCustom", 8: "Plaintext", 9: "FlightHub", 10: "Gimbal", 11: "RC", 12: "Camera",
        13: "Battery", 14: "FlySafe", 15: "Security",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class FeaturePointKey:
    """AES-256 key and first IV of one kind of record ("feature point")."""

    key: bytes
    iv: bytes

    def __repr__(self) -> str:
        """Show nothing of the secret."""
        return "FeaturePointKey(...)"


#: For each group, in file order: number of the feature point -> its key.
Keychains = Sequence[Mapping[int, FeaturePointKey]]


@dataclass(frozen=True, slots=True)
class KeyRequest:
    """What DJI's server needs to give the keys of one log, and nothing more."""

    version: int
    department: int
    #: For each group, in file order: number of the feature point, RSA ciphertext of its key.
    groups: tuple[tuple[tuple[int, bytes], ...], ...]

    def body(self) -> dict[str, Any]:
        """Return the request in the documented form and order."""
        return {
            "version": self.version,
            "department": self.department,
            "keychainsArray": [
                [
                    {
                        "featurePoint": feature_point_name(number),
                        "aesCiphertext": base64.b64encode(ciphertext).decode("ascii"),
                    }
                    for number, ciphertext in group
                ]
                for group in self.groups
            ],
        }

    @property
    def sha256(self) -> str:
        """SHA-256 of the request as canonical JSON: what its answer is found by."""
        return _sha256_of_canonical_json(self.body())


class Keyring(tuple[Keychains, ...]):
    """Keychains to try on any log, and a way to look up those of one request by its hash."""

    find: Callable[[str], Keychains | None] | None

    def __new__(
        cls,
        keys: Iterable[Keychains] = (),
        find: Callable[[str], Keychains | None] | None = None,
    ) -> Self:
        """Hold the keychains, and the look-up that is asked where none of them fits."""
        keyring = super().__new__(cls, keys)
        keyring.find = find
        return keyring


def feature_point_name(number: int) -> str:
    """Return the name that a feature point has on the wire."""
    return f"FR_Standardization_Feature_{_POINT_NAMES.get(number, 'Unknown')}_{number}"


def dump_keychains(chains: Keychains) -> list[list[dict[str, str]]]:
    """Return keychains as the ``data`` of the documented answer, in order of the numbers."""
    return [
        [
            {
                "featurePoint": feature_point_name(number),
                "aesKey": base64.b64encode(key.key).decode("ascii"),
                "aesIv": base64.b64encode(key.iv).decode("ascii"),
            }
            for number, key in sorted(chain.items())
        ]
        for chain in chains
    ]


def keychains_sha256(chains: Keychains) -> str:
    """Return the SHA-256 of keychains: their name in a report, which does not disclose them."""
    return _sha256_of_canonical_json(dump_keychains(chains))


def _sha256_of_canonical_json(value: object) -> str:
    text = json.dumps(value, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode("ascii")).hexdigest()


def load_keychains(text: bytes) -> Keychains:
    """Return the keychains in a JSON text.

    Raises:
        InvalidKeysError: If the text is not keychains; the message says where.
    """
    if len(text) > MAX_KEYCHAINS_SIZE:
        raise InvalidKeysError(f"keychains of {len(text)} bytes: too large to be keychains")
    try:
        answer: Any = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InvalidKeysError(f"keychains are not JSON: {error}") from error
    if isinstance(answer, dict) and "answers" in answer:
        raise InvalidKeysError("keychains of several logs: import them with `keys import`")
    groups = answer.get("data") if isinstance(answer, dict) else answer
    if not isinstance(groups, list) or not all(isinstance(group, list) for group in groups):
        raise InvalidKeysError("keychains: expected a list of lists of keys")
    return tuple(
        dict(
            _parse_feature_point_number_and_key(entry, f"group {i}, key {k}")
            for k, entry in enumerate(group)
        )
        for i, group in enumerate(groups)
    )


def _parse_feature_point_number_and_key(entry: Any, where: str) -> tuple[int, FeaturePointKey]:
    if not isinstance(entry, dict):
        raise InvalidKeysError(f"keychains, {where}: expected an object")
    number = re.search(r"_(\d{1,3})$", str(entry.get("featurePoint")))
    if number is None:
        raise InvalidKeysError(f"keychains, {where}: featurePoint does not end in a number")
    return int(number[1]), FeaturePointKey(
        _parse_base64_secret(entry, "aesKey", 32, where),
        _parse_base64_secret(entry, "aesIv", 16, where),
    )


def _parse_base64_secret(entry: Mapping[str, Any], name: str, size: int, where: str) -> bytes:
    try:
        secret = base64.b64decode(str(entry.get(name)), validate=True)
    except (binascii.Error, ValueError) as error:
        raise InvalidKeysError(f"keychains, {where}: {name} is not base64") from error
    if len(secret) != size:
        raise InvalidKeysError(f"keychains, {where}: {name} has {len(secret)} bytes, not {size}")
    return secret
