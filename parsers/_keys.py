"""Keychains: what decrypts DJI records of version 13 and later.

DJI's server answers a request with one list of keys for each part of a record
("group"); the answer is the same for ever and decrypts offline.  The form is
that of the documented answer, whole or only its ``data``:
``[[{"featurePoint": "FR_Standardization_Feature_Base_1", "aesKey": base64 of
32 bytes, "aesIv": base64 of 16 bytes}, ...], ...]``.
"""

import base64
import binascii
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ._errors import EncryptedLogError

#: A keychains file larger than this is not one: real ones are a few kilobytes.
LARGEST = 4 << 20


@dataclass(frozen=True, slots=True)
class FeatureKey:
    """AES-256 key and first IV of one kind of record ("feature point")."""

    key: bytes
    iv: bytes

    def __repr__(self) -> str:
        """Show nothing of the secret."""
        return "FeatureKey(...)"


#: For each group, in file order: number of the feature point -> its key.
Keychains = Sequence[Mapping[int, FeatureKey]]


def load_keychains(text: bytes) -> Keychains:
    """Return the keychains in a JSON text.

    Raises:
        EncryptedLogError: If the text is not keychains; the message says where.
    """
    if len(text) > LARGEST:
        raise EncryptedLogError(f"keychains of {len(text)} bytes: too large to be keychains")
    try:
        answer: Any = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise EncryptedLogError(f"keychains are not JSON: {error}") from error
    groups = answer.get("data") if isinstance(answer, dict) else answer
    if not isinstance(groups, list) or not all(isinstance(group, list) for group in groups):
        raise EncryptedLogError("keychains: expected a list of lists of keys")
    return tuple(
        dict(_feature_key(entry, f"group {i}, key {k}") for k, entry in enumerate(group))
        for i, group in enumerate(groups)
    )


def _feature_key(entry: Any, where: str) -> tuple[int, FeatureKey]:
    if not isinstance(entry, dict):
        raise EncryptedLogError(f"keychains, {where}: expected an object")
    number = re.search(r"_(\d{1,3})$", str(entry.get("featurePoint")))
    if number is None:
        raise EncryptedLogError(f"keychains, {where}: featurePoint does not end in a number")
    return int(number[1]), FeatureKey(
        _secret(entry, "aesKey", 32, where), _secret(entry, "aesIv", 16, where)
    )


def _secret(entry: Mapping[str, Any], name: str, size: int, where: str) -> bytes:
    try:
        secret = base64.b64decode(str(entry.get(name)), validate=True)
    except (binascii.Error, ValueError) as error:
        raise EncryptedLogError(f"keychains, {where}: {name} is not base64") from error
    if len(secret) != size:
        raise EncryptedLogError(f"keychains, {where}: {name} has {len(secret)} bytes, not {size}")
    return secret
